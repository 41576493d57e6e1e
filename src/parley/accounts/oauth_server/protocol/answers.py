"""Requests for access, for tokens, and for the end of tokens: answered by the protocol, without the database."""

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from parley.accounts.oauth_server.errors import AuthorizationRefused
from parley.accounts.oauth_server.protocol.server import (
    KnownFacts,
    OurIssuer,
    OurServer,
    ProtocolRequest,
    Redirection,
)
from parley.accounts.oauth_server.rules.redirect_uris import redirect_uri_problem
from parley.accounts.oauth_server.schemas import ProtocolAnswer


class Authorization:
    """A request for access that is in order, to be answered once its user has decided."""

    def __init__(self, known: KnownFacts, asked: ProtocolRequest) -> None:
        """Raise AuthorizationRefused for one that isn't."""
        self._known, self._asked, self._server = known, asked, OurServer(known)
        try:
            asked.check_repeats()
            _check_form(asked)
            self._grant = self._server.get_consent_grant(asked)
        except OAuth2Error as error:
            raise self._refused(error) from error
        self.redirect_uri: str = self._grant.redirect_uri
        self.scopes = asked.scope.split()
        self.code_challenge = asked.form["code_challenge"]

    def _refused(self, error: OAuth2Error) -> AuthorizationRefused:
        error.state = self._asked.form.get("state")
        answer = self._server.handle_error_response(self._asked, error)
        if isinstance(answer, Redirection):
            OurIssuer(self._known.issuer).add_issuer_parameter(self._server, answer)
            return AuthorizationRefused(error.error, error.get_error_description(), answer.location)
        return AuthorizationRefused(error.error, error.get_error_description(), None)

    def location(self, *, is_granted: bool) -> str:
        """Return where the browser goes now; `code` of what is known is filled where the user has granted it."""
        grant_user = "user" if is_granted else None
        answer: Redirection = self._server.create_authorization_response(
            self._asked, grant_user=grant_user, grant=self._grant
        )
        return answer.location


def _check_form(asked: ProtocolRequest) -> None:
    """Raise InvalidRequestError for what authlib would repeat in its answer, and couldn't."""
    redirect_uri = asked.form.get("redirect_uri") or ""
    problem = redirect_uri_problem(redirect_uri)
    if problem is not None:
        raise InvalidRequestError(problem)
    if asked.form.get("response_type") != "code":
        asked.payload = BasicOAuth2Payload({**asked.form, "response_type": "another one"})


def token_answer(known: KnownFacts, asked: ProtocolRequest) -> ProtocolAnswer:
    """Answer a request for tokens; `issued` of what is known is filled where it gets some."""
    server = OurServer(known)
    try:
        asked.check_repeats()
    except OAuth2Error as error:
        refused: ProtocolAnswer = server.handle_error_response(asked, error)
        return refused
    answer: ProtocolAnswer = server.create_token_response(asked)
    return answer


def revocation_answer(known: KnownFacts, asked: ProtocolRequest) -> ProtocolAnswer:
    """Answer a request that a token ends; `is_revoked` of what is known is set where it does."""
    server = OurServer(known)
    try:
        asked.check_repeats()
    except OAuth2Error as error:
        refused: ProtocolAnswer = server.handle_error_response(asked, error)
        return refused
    answer: ProtocolAnswer = server.create_endpoint_response("revocation", asked)
    return answer
