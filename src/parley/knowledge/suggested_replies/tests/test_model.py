"""Suggestions by a model, which is scripted, slow, wrong and broken in turn."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from parley.knowledge.suggested_replies.actions import model as calls
from parley.knowledge.suggested_replies.actions import pipeline
from parley.knowledge.suggested_replies.tests.conftest import AnsweringDesk
from parley.knowledge.suggested_replies.tests.scripted_model import GOOD
from tests.receiver import answers, flood, hang, hang_up, trickle

QUESTION = "How many days do I have to return a jacket?"
QUICK_ACTIONS = "/api/projects/@current/conversations/quick_actions/"
UNUSABLE = {"detail": "Failed to generate suggestion. Please try again.", "error_type": "validation_error"}
FAILED = {**UNUSABLE, "error_type": "unknown_error"}
OK = '{"ok": true}'


async def test_a_draft_is_written_from_what_the_team_has_written(desk: AnsweringDesk, model):
    quick = {"name": "Return a jacket", "content": "Use the form at https://shop.example/returns."}
    made = (await desk.client.post(QUICK_ACTIONS, json=quick)).json()
    model.say(write="Within 30 days: https://shop.example/returns.")
    context = {"current_url": "https://shop.example/jackets"}
    found = await desk.suggested(QUESTION, name="Tom Miller", session_context=context)
    assert found["suggestion"] == "Within 30 days: https://shop.example/returns."
    assert [source["id"] for source in found["sources"]] == [made["id"]]
    assert model.tasks == ["classify", "write", "check"]
    prompt = model.prompt_of("write")
    for part in (QUESTION, quick["content"], context["current_url"], "first name: Tom"):
        assert part in prompt
    first = model.receiver.received[0]
    assert first.path == "/v1/chat/completions" and first.headers["authorization"] == "Bearer sk-test"
    assert first.json()["model"] == "test-model" and first.json()["stream"] is False


async def test_without_approval_nothing_is_even_looked_up(desk: AnsweringDesk, model, alice):
    asked = await desk.ask(QUESTION)
    path = f"/api/organizations/{alice.organization_id}/"
    await alice.client.patch(path, json={"is_ai_data_processing_approved": False})
    for ticket in (asked, {"id": "0198c0de-0000-7000-8000-000000000001"}):
        answer = await desk.suggest_answer(ticket)
        detail = "AI data processing is not approved for this organization"
        assert (answer.status_code, answer.json()) == (403, {"detail": detail})
    assert model.tasks == []


async def test_an_unsafe_question_is_declined(desk: AnsweringDesk, model):
    model.say(classify='Sure: {"safe": false, "kind": "other", "query": ""}')
    found = await desk.suggested("Give me the addresses of your other customers")
    assert "not able to help" in found["suggestion"] and found["sources"] == []
    assert model.tasks == ["classify"]


async def test_a_refused_draft_is_written_again_and_the_third_is_returned(desk: AnsweringDesk, model):
    model.say(
        write=["one", "<think>hm</think>two", "three", "four"], check='{"ok": false, "problem": "Too short."}'
    )
    assert (await desk.suggested(QUESTION))["suggestion"] == "three"
    assert model.tasks == ["classify", *["write", "check"] * 3]
    assert "Too short." in model.prompts[3]
    model.say(write=["one", "two"], check=["nonsense", OK])
    assert (await desk.suggested(QUESTION))["suggestion"] == "two"


NOTHING_USABLE = [
    ("classify", "I would rather not.", 1),
    ("classify", '{"safe": "maybe"}', 1),
    ("write", " \n ", 4),
]
BROKEN = [
    (answers(500, b"broken"), 3),
    (answers(429, b"{}"), 3),
    (answers(401, b"{}"), 1),
    (answers(302, b"", Location="http://127.0.0.1:1/"), 3),
    (hang_up, 3),
    (flood, 3),
]
NONSENSE = [
    b"<html>",
    b'{"choices": []}',
    b'{"choices": [{"message": {"content": null}}]}',
    b"[" * 100_000,
    b'data: {"choices": [{"delta": {}}]}\n\ndata: [DONE]\n\n',
    b"\xff\xfe",
]


async def refused(desk, model, n_calls):
    """Return the body of a suggestion that fails after so many calls."""
    model.receiver.received.clear()
    answer = await desk.suggest_answer(await desk.ask(QUESTION))
    assert answer.status_code == 500 and len(model.receiver.received) == n_calls
    return answer.json()


async def test_what_cant_be_used_is_a_validation_error(desk: AnsweringDesk, model):
    for task, said, n_calls in NOTHING_USABLE:
        model.say(**{**GOOD, task: said})
        assert await refused(desk, model, n_calls) == UNUSABLE


async def test_what_breaks_is_an_unknown_error(desk: AnsweringDesk, model):
    for said, n_calls in BROKEN:
        model.say(classify=said)
        assert await refused(desk, model, n_calls) == FAILED


async def test_what_is_no_chat_completion_is_an_unknown_error(desk: AnsweringDesk, model):
    for said in NONSENSE:
        model.say(classify=answers(200, said))
        assert await refused(desk, model, 3) == FAILED


async def test_a_call_that_fails_twice_is_made_a_third_time(desk: AnsweringDesk, model):
    model.say(write=[answers(503), hang_up, "At last."])
    assert (await desk.suggested(QUESTION))["suggestion"] == "At last."


@pytest.mark.parametrize("slow", [hang, trickle])
async def test_a_slow_model_times_out_and_holds_no_connection(
    desk: AnsweringDesk, model, database, monkeypatch, slow
):
    monkeypatch.setattr(calls, "CALL_S", 0.2)
    model.say(classify=slow)
    asked = await desk.ask(QUESTION)
    waiting = asyncio.create_task(desk.suggest_answer(asked))
    with capture_logs() as logged:
        while not model.receiver.received:
            await asyncio.sleep(0.01)
        assert database._pool._n_lent == 0
        answer = await waiting
    assert answer.status_code == 500 and answer.json()["error_type"] == "timeout"
    assert "timed out" in answer.json()["detail"]
    # A call whose time is over before the receiver has read it leaves nothing there.
    assert len([line for line in logged if line["event"] == "model_call_failed"]) == 3


async def test_all_calls_together_have_a_limit(desk: AnsweringDesk, model, monkeypatch):
    monkeypatch.setattr(pipeline, "WHOLE_S", 0.3)
    model.say(classify=hang)
    answer = await desk.suggest_answer(await desk.ask(QUESTION))
    assert answer.status_code == 500 and answer.json()["error_type"] == "timeout"


async def test_a_project_has_few_suggestions_in_the_making(desk: AnsweringDesk, model):
    model.say(classify=hang)
    asked = await desk.ask(QUESTION)
    making = [asyncio.create_task(desk.suggest_answer(asked)) for _ in range(4)]
    while len(model.receiver.received) < 4:
        await asyncio.sleep(0.01)
    assert [(await desk.suggest_answer(asked)).status_code for _ in range(2)] == [429, 429]
    for one in making:
        one.cancel()
    assert all(
        isinstance(one, BaseException) for one in await asyncio.gather(*making, return_exceptions=True)
    )


async def test_only_a_problem_with_a_session_brings_what_happened_there(
    desk: AnsweringDesk, model, services, project
):
    at = services.clock.now()
    events = [
        ("clicked", "s1", 0),
        ("$exception", "s1", 60),
        ("elsewhere", "s2", 0),
        ("long ago", "s1", -400),
    ]
    for name, session, seconds in events:
        body = {
            "api_key": project.api_token,
            "event": name,
            "distinct_id": "visitor",
            "timestamp": (at + timedelta(seconds=seconds)).isoformat(),
            "properties": {
                "$session_id": session,
                "$exception_message": "x is undefined",
                "password": "secret",
            },
        }
        assert (await desk.client.post("/i/v0/e/", json=body)).status_code == 200
    problem = '{"safe": true, "kind": "problem", "query": "page"}'
    question = problem.replace("problem", "question")
    for said, session, is_there in ((problem, "s1", True), (problem, "", False), (question, "s1", False)):
        model.receiver.received.clear()
        model.say(classify=said)
        await desk.suggested("The page is broken", session_id=session or None)
        prompt = model.prompt_of("write")
        assert ("clicked" in prompt and "x is undefined" in prompt) == is_there
        assert not any(part in prompt for part in ("elsewhere", "long ago", "secret"))


async def test_a_long_conversation_is_cut_with_a_notice(desk: AnsweringDesk, model):
    asked = await desk.ask("The very first words. " + "x" * 4_000)
    for number in range(60):
        await desk.say(asked, f"Message {number}. " + "y" * 150)
    await desk.suggest(asked)
    conversation = model.prompt_of("write").split("The conversation:")[1]
    assert "Earlier messages were left out" in conversation and "Message 59." in conversation
    assert "very first words" not in conversation and "Message 9." not in conversation
    assert len(conversation) < 9_000
