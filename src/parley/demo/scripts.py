"""The words of the demo data: conversations of a made-up company that sells a planning tool for teams.

A script begins with `#`, its tags and its priority. Then C is the customer, A the agent, N a private note; a line
that begins with a space goes on with the message before. `{first}`, `{company}` and `{agent}` are filled in.
"""

import msgspec

SCRIPTS = """
# billing, invoice | high
C Our last invoice still shows our old company name. Can you change it to {company} and send it again?
A Hello {first}, of course. I have changed the name; the corrected invoice is in your account under Billing.
C Found it, thank you! Will the next ones be right, too?
A Yes, the new name is used from now on.
# billing, refund | high
C We were charged twice this month. Two payments of 49 euros on the same day.
N The second charge came from a retried payment. The provider shows both as settled.
A I am sorry about that, {first}. The second payment was a mistake of ours and is on its way back. It takes
  three to five days.
C It arrived today. Thanks for the quick help.
# billing | medium
C Is there a discount if we pay yearly?
A There is: two of the twelve months are free. You can switch under Billing, and what you have paid this month
  is taken off.
C Perfect, switching now.
# billing, vat | low
C Where do I enter our VAT number? I can't find the field.
A It is under Billing, Company details, just below the address. It appears once a country of the EU is chosen.
C Ah, the country was missing. Done!
# bug, export | high
C The CSV export stops after 500 rows. We have about 2,000 tasks on that board.
A Thank you for the exact numbers, {first}. I can reproduce it. I have passed it on to the developers.
N Reproduced with a copy of their board. The export runs into its time limit; the fix is planned for Thursday.
A The fix is live. Could you try the export once more?
C All 2,000 rows are there. Great!
# bug, mobile | medium
C On my phone the calendar jumps back to today whenever I open a task.
A Which phone and which browser do you use?
C A Pixel 8 with Chrome. My colleague with an iPhone doesn't have it.
N Only in Chrome 139 and later. The new scroll restoration fights with ours.
A We have found it, {first}. It comes with the next release, on Monday.
# bug, login | critical
C Nobody in our team can sign in since this morning. The page reloads and nothing happens.
A I am looking into it right now. Do you use single sign-on?
C Yes, with Google. It worked yesterday evening.
N Their allowed domain was changed at 22:14 by one of their own admins.
A The list of allowed domains in your settings was changed last night, so your address is no longer on it. I
  have put it back. Please try again.
C We are in. You saved our morning!
# question, sharing | low
C Can I share a board with a client without giving them an account?
A Yes: open the board, choose Share, then Public link. You can set a password and take the link back at any
  time.
C Exactly what we need.
# question, import | medium
C Can we import our projects from Trello? There are eleven boards with attachments.
A Yes, {first}. Settings, Import, Trello. Attachments come along up to 25 MB each.
C Two of our files are larger. What happens to those?
A Their cards get a link to the file in Trello instead. Nothing is lost.
C Good. We do it on Friday evening.
# question, api | medium
C Is there a rate limit on your API? We want to sync about 4,000 tasks every night.
A There is: 480 requests a minute. With pages of 100 you need 40 requests, so a sync is far below it.
C Wonderful. Is there an example somewhere?
A The page https://docs.example.com/api/sync has one in Python and one in TypeScript.
# feature, calendar | low
C It would be great to see two calendars side by side, mine and the team's.
A I like that idea. I have added your vote to it, and will write to you when it is there.
C Thanks! No hurry.
# feature, dark-mode | low
C My eyes would love a dark mode for the printed... I mean, for the timeline view.
A Ha! The timeline is the last view without one. It is planned for next month.
C Looking forward to it.
# onboarding | medium
C We are 14 people and want to start on Monday. What should we set up first?
A Welcome, {first}! Begin with one board for one real project, invite everybody, and leave the automations for
  week two.
C Sensible. Is there a checklist?
A Here it is: https://docs.example.com/first-week. If you like, we can walk through it together for half an
  hour.
C That would be lovely. Friday at 10?
# onboarding, invite | medium
C I invited three colleagues and none of them got the mail.
A I see the invitations. Your mail server refused them as unknown senders. Could somebody allow mail from
  example.com?
C Our admin did that. Can you send them again?
A Sent. Two of the three have been opened already.
# bug, notifications | medium
C I get every notification twice since the update.
A Do you have two browsers or two devices where you are signed in?
C Only my laptop. But I see the entry 'Chrome' two times under Devices.
N Duplicate push registration, see the list of known problems. Removing both devices helps.
A Please remove both entries and allow notifications again when the page asks. The double entry came from our
  update; I am sorry.
C Silence at last. Thank you.
# integration, slack | medium
C The Slack integration posts into the wrong channel. We chose #planning, it posts into #general.
A Was #planning renamed recently?
C Yes! It was called #roadmap until last week.
A That explains it. Choose the channel once more in the settings; from then on renames don't matter.
# integration, webhook | high
C Our webhook endpoint gets the same event three or four times.
A An event is repeated when your endpoint needs longer than ten seconds to answer. Our log shows 12 to 15
  seconds.
C You are right, we do the work before we answer. We will put it into a queue.
A Good plan, {first}. Each event carries an id, so you can tell repeats apart in the meantime.
# security | critical
C One of our former employees still seems to have access to a board.
A I take this seriously and am looking at once. Which board is it?
C 'Q3 hiring'. His name still appears in the list of members.
N The account was removed from the organization but had a guest invitation for this one board.
A He had a separate guest access to that board. I have ended it and all of his sessions. There was no visit
  since he left.
C Thank you for being so fast. Can we see such guests somewhere?
A Yes, under Settings, Guests. From now on the list of members shows them, too.
# security, compliance | medium
C Our customer asks for a data processing agreement. Do you have one?
A We do. It is at https://docs.example.com/dpa, ready to be signed. Tell me if your lawyers would like changes.
C They are happy with it as it is.
# performance | high
C The board with our backlog takes ten seconds to open. Others are fine.
N 9,400 open tasks in one column.
A That board has more than 9,000 open tasks in one column, {first}. I have switched on the compact view for
  it, which should help at once.
C Two seconds now. Much better. We should tidy up, I know...
# cancellation | medium
C We would like to cancel at the end of the month. The project is over.
A I am sorry to see you go, {first}, and glad that the project is done. It is cancelled for the 30th. Your
  data stays available to you for 90 days.
C Fair. We will surely be back for the next one.
# cancellation, billing | high
C I cancelled last month and was charged again. What is going on?
N Cancelled on the 3rd, the renewal was on the 2nd. Refund as a goodwill.
A Your cancellation came a day after the renewal. I have refunded the full amount anyway; nothing more will be
  charged.
# question | low
C What is the difference between a label and a tag?
A A label belongs to one board and has a colour. A tag is the same everywhere and can be searched for.
C Thanks, now it makes sense.
# question, shortcuts | low
C Is there a key to jump to the next task?
A There is: j for the next one and k for the one before. Press ? for all of them.
C Oh, this changes my life.
# bug, search | medium
C Searching for 'Müller' finds nothing, 'Muller' does.
A That is a real mistake of ours. Thank you for finding it!
N Accents are folded in the index but not in the query.
A It is repaired. Both spellings find the same tasks now.
C Confirmed. Herr Müller says thank you.
# bug, upload | high
C Uploading a PDF of 18 MB fails with 'Something went wrong'. Smaller files work.
A Are you behind a company proxy? Ours allows 25 MB.
C Possibly. From home it works.
A Then the proxy cuts it off, most likely at 10 MB. Your IT can raise that limit for uploads.example.com.
# feature, automation | low
C Can a task move to 'Done' by itself when all its subtasks are done?
A Yes: Automations, New rule, 'All subtasks are done', then 'Move to column'.
C You have thought of everything.
# sales, seats | medium
C We grow from 20 to 45 people. Is there a better plan for that size?
A From 40 people on, the Business plan costs less for each seat, {first}. For 45 people you would save 81
  euros a month.
C Please send me an offer that I can show to our CFO.
A It is in your mail. It is valid for 30 days.
# sales | low
C Do you have a plan for schools? We are a public school with 60 teachers.
A We do: schools pay half. Just write to us from your school's address, and we switch it on.
# bug, timezone | medium
C Reminders come an hour early since the clocks were changed.
A Which time zone is set in your profile?
C Lisbon. Strange: under 'Next reminder' the time is right.
N The reminder is computed in the zone of the creator of the task, not of its owner.
A The reminder was made by a colleague in Madrid and followed her clock. We now use the clock of the person
  who is reminded.
# praise | low
C Nothing to complain about. I just wanted to say that the new timeline is fantastic!
A You have made our day, {first}. I have read it out in the team meeting.
# account | medium
C I have changed my surname. How do I change my address here?
A Under your profile, E-mail address. We send a link to the new one, and once you open it everything moves
  along.
C Worked on the first try.
# account, login | high
C I lost the phone with my second factor and can't get in.
A No problem, {first}. Do you still have one of the recovery codes?
C Unfortunately not.
N Identity checked by a call with their admin, as our handbook says.
A Your admin has confirmed that it is you. The second factor is switched off; please set up a new one after
  you sign in.
C I am in, and the codes are in a safe place now.
# question, print | low
C How do I print a board so that it fits on one page?
A In the print dialog choose landscape and 'Fit to page'. From 60 cards on it gets small, though.
"""

OPENINGS = ("Hi! ", "Hello! ", "Good morning! ", "Hey! ", "Good afternoon. ", "", "", "", "", "")

FIRST_NAMES = (
    "Amara Oskar Lina Mateo Yuki Ines Tomasz Freya Rahul Noor Elif Jakub Chiara Bram Sofia Kofi Marta Leo Hana Pablo "
    "Zoe Anton Leila Erik Camila Viktor Aiko Nadia Felix Imani Luca Greta Omar Astrid Diego Mina Henrik Tara Marek Eva"
)
LAST_NAMES = (
    "Okafor Lindqvist Moretti Garcia Tanaka Ferreira Nowak Jansen Mehta Haddad Demir Dvorak Rossi Visser Petrov Mensah "
    "Kowalska Fischer Sato Romero Laurent Berger Rahimi Larsen Torres Novak Kimura Benali Schmid Achieng Conti Weber"
)
COMPANIES = (
    ("Nordlicht Studio", "DE", "Hamburg"), ("Brightwater Labs", "GB", "Bristol"), ("Casa Verde", "ES", "Valencia"),
    ("Papyrus Books", "NL", "Utrecht"), ("Kitehill Farm", "IE", "Cork"), ("Solmar Logistics", "PT", "Porto"),
    ("Fjord Analytics", "NO", "Bergen"), ("Atelier Lune", "FR", "Lyon"), ("Redwood Clinics", "US", "Portland"),
    ("Tallinn Tools", "EE", "Tallinn"), ("Okapi Travel", "ZA", "Cape Town"), ("Lakeside School", "CA", "Kingston"),
    ("Sakura Prints", "JP", "Kyoto"), ("Copper & Oak", "US", "Denver"), ("Mistral Energy", "FR", "Marseille"),
    ("Pixelbakery", "AT", "Graz"), ("Harbour Foods", "AU", "Hobart"), ("Quinta Nova", "BR", "Curitiba"),
)  # fmt: skip
PLANS = ("Free", "Team", "Team", "Business", "Business", "Enterprise")
BROWSERS = ("Chrome", "Chrome", "Firefox", "Safari", "Edge")
SYSTEMS = ("macOS", "Windows", "Windows", "Linux", "iOS", "Android")
PAGES = (
    "pricing",
    "app/boards/42",
    "app/settings/billing",
    "app/calendar",
    "docs/import",
    "app/search",
    "login",
)
AGENTS = (("Maya", "Lindholm"), ("Jonas", "Keller"), ("Priya", "Raman"), ("Tom", "Abara"))


class DemoMessage(msgspec.Struct, frozen=True):
    """One message of a script; `by` is C, A or N."""

    by: str
    text: str


class DemoConversation(msgspec.Struct, frozen=True):
    """One conversation that may have happened."""

    tags: list[str]
    priority: str
    lines: list[DemoMessage]


def scripts() -> list[DemoConversation]:
    """Return the conversations of `demo_scripts`."""
    found: list[DemoConversation] = []
    for row in SCRIPTS.strip().splitlines():
        if row.startswith("#"):
            tags, _, priority = row[1:].partition("|")
            found.append(DemoConversation([tag.strip() for tag in tags.split(",")], priority.strip(), []))
        elif row.startswith(" "):
            begun = found[-1].lines.pop()
            found[-1].lines.append(DemoMessage(begun.by, f"{begun.text} {row.strip()}"))
        else:
            found[-1].lines.append(DemoMessage(row[0], row[2:]))
    return found
