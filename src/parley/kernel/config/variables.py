"""Every variable of the environment that Parley reads, as `docs/settings.md` shows it."""

import msgspec


class Setting(msgspec.Struct, frozen=True):
    """One variable as `docs/settings.md` shows it."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("PARLEY_DATA_DIR", "./parley-data", "Folder of everything that the embedded mode stores."),
    Setting(
        "PARLEY_DATABASE_URL",
        "SQLite file in the data folder",
        "`postgresql://user:password@host/name`, with `?sslmode=require` if necessary, or `sqlite:///path`.",
    ),
    Setting(
        "PARLEY_EVENTS_URL",
        "none: events stay in the main database",
        "`clickhouse://user:password@host:8123/database` for installations with very many events; encrypted with "
        "`clickhouses://` (port 8443) or `?secure=true`. `&cluster=name` names a cluster ([ClickHouse](clickhouse.md)).",
    ),
    Setting(
        "PARLEY_REDIS_URL",
        "none",
        "`redis://...` for cache, rate limits and live updates between processes; without it they live in the process.",
    ),
    Setting(
        "PARLEY_STORAGE_URL",
        "folder `files` in the data folder",
        "Where files are kept: `s3://bucket/prefix`, with the usual `AWS_*` variables (`AWS_ACCESS_KEY_ID`, "
        "`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` for other servers than Amazon's), or `file:///path`.",
    ),
    Setting(
        "PARLEY_SITE_URL",
        "`http://HOST:PORT`",
        "Start of absolute links, such as those in mails. With `https://`, browsers are told to use https only, and "
        "cookies are `Secure` and called `__Host-parley_session` and so on: people can't sign in over plain http.",
    ),
    Setting(
        "PARLEY_SECRET_KEY",
        "made once, kept in the data folder",
        "Signs and encrypts; at least 32 characters. Losing it makes stored secrets unreadable.",
    ),
    Setting(
        "PARLEY_OLD_SECRET_KEYS",
        "none",
        "Keys that were PARLEY_SECRET_KEY before, with commas between or each on a line of its own: what they have "
        "encrypted and signed is still accepted. `parley rotate-key` encrypts it with the present key "
        "([The secret key](operations.md#the-secret-key)).",
    ),
    Setting(
        "PARLEY_MCP_URL", "none", "Read by `parley mcp --stdio` alone: the server ([assistants](mcp.md))."
    ),
    Setting("PARLEY_MCP_KEY", "none", "Read by `parley mcp --stdio` alone: a personal API key."),
    Setting(
        "PARLEY_SMTP_URL",
        "none",
        "`smtp[s]://user:password@host:port`; without it each mail is written to `<data folder>/mail/` as an `.eml` file. "
        "`smtp://` is encrypted where the server offers STARTTLS; with `?starttls=required` at the end, nothing is sent "
        "unencrypted.",
    ),
    Setting(
        "PARLEY_INBOUND_DOMAIN",
        "`inbound.localhost`",
        "Domain of the forwarding addresses of e-mail channels (`team-...@inbound.example.com`).",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP",
        "off",
        "`host:port` on which mail for forwarding addresses is taken, such as `0.0.0.0:25`; a process of its own does it.",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP_CERTIFICATE",
        "none: no STARTTLS",
        "File with the certificate, in PEM with those between it and the authority; read anew every hour.",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP_KEY",
        "in the file of the certificate",
        "File with the private key of that certificate.",
    ),
    Setting(
        "PARLEY_DNS_SERVER",
        "the system's resolver",
        "`host:port` of the DNS server that is asked for the records of domains.",
    ),
    Setting(
        "PARLEY_DOMAIN_CHALLENGE_LABEL",
        "`_posthog-challenge`",
        "What the name of the TXT record begins with by which an organization proves a domain: "
        "`_posthog-challenge.example.com`. Verified domains are looked up every day, so change it only with their records.",
    ),
    Setting(
        "PARLEY_SPF_MECHANISM",
        "`a:` or `ip4:` and the host of PARLEY_SMTP_URL; where that is this machine, of PARLEY_SITE_URL",
        "What the SPF records of e-mail domains must contain, such as `include:spf.example.net` for a mail provider.",
    ),
    Setting(
        "PARLEY_MAILGUN_SIGNING_KEY",
        "none: nothing is taken",
        "The key by which Mailgun signs the mails that it posts to `/api/conversations/v1/email/inbound`.",
    ),
    Setting(
        "PARLEY_RATE_LIMITS",
        "`public`",
        "`public` limits what needs no key (widget, capture, resets), `on` keys and tokens, too, `off` neither. "
        "The limits on guessing are always on.",
    ),
    Setting(
        "PARLEY_METRICS_TOKEN",
        "none: `/metrics` answers only this machine",
        "`/metrics` also answers requests with this as a bearer token, from anywhere; at least 16 characters.",
    ),
    Setting(
        "PARLEY_AUDIT_LOG_DAYS",
        "730",
        "How many days the [audit log](audit-log.md) of an organization is kept at least, 30 or more.",
    ),
    Setting(
        "PARLEY_TRUSTED_PROXIES",
        "none",
        "Comma-separated CIDRs whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.",
    ),
    Setting(
        "PARLEY_ALLOWED_HOSTS_OUT",
        "none",
        "Comma-separated `host:port` that outgoing calls, such as webhooks, may reach although their addresses are "
        "private; all other private addresses are refused.",
    ),
    Setting(
        "PARLEY_LLM_URL",
        "none: replies are suggested from the project's own past answers, locally",
        "Base URL of an endpoint that speaks as OpenAI's chat completions do, such as `https://api.openai.com/v1`. Its "
        "address may be private. Suggested replies send conversations there, where an organization has approved it.",
    ),
    Setting("PARLEY_LLM_MODEL", "none", "The name of the model; needed with `PARLEY_LLM_URL`."),
    Setting("PARLEY_LLM_API_KEY", "none", "Sent to it as a bearer token."),
    Setting(
        "PARLEY_GOOGLE_CLIENT_ID",
        "none: nobody signs in with Google",
        "The client id of the app that you have registered at Google.",
    ),
    Setting("PARLEY_GOOGLE_CLIENT_SECRET", "none", "Its secret; needed with the client id."),
    Setting("PARLEY_GOOGLE_URL", "`https://accounts.google.com`", "The issuer, as OpenID Connect calls it."),
    Setting(
        "PARLEY_GITHUB_CLIENT_ID",
        "none: nobody signs in with GitHub",
        "The client id of the OAuth app that you have registered at GitHub.",
    ),
    Setting("PARLEY_GITHUB_CLIENT_SECRET", "none", "Its secret; needed with the client id."),
    Setting(
        "PARLEY_GITHUB_URL",
        "`https://github.com`",
        "Another server, such as one of GitHub Enterprise Server.",
    ),
    Setting(
        "PARLEY_GITLAB_CLIENT_ID",
        "none: nobody signs in with GitLab",
        "The id of the application that you have registered at GitLab.",
    ),
    Setting("PARLEY_GITLAB_CLIENT_SECRET", "none", "Its secret; needed with the id."),
    Setting("PARLEY_GITLAB_URL", "`https://gitlab.com`", "Another server, such as your own GitLab."),
    Setting(
        "PARLEY_SLACK_CLIENT_ID",
        "none: a workspace is connected by a bot token",
        "The client id of the [app that you have made in Slack](slack.md).",
    ),
    Setting("PARLEY_SLACK_CLIENT_SECRET", "none", "Its client secret; needed with the id."),
    Setting(
        "PARLEY_SLACK_SIGNING_SECRET",
        "none: nothing is taken",
        "The secret by which Slack signs the events that it sends to `/api/conversations/v1/slack/events`.",
    ),
    Setting(
        "PARLEY_SLACK_API_URL", "`https://slack.com`", "Another server that speaks as Slack does, for tests."
    ),
    Setting(
        "PARLEY_LINKEDIN_CLIENT_ID",
        "none: LinkedIn Ads can't be connected",
        "The client id of the app that you have registered at [LinkedIn](integrations.md#linkedin-ads).",
    ),
    Setting("PARLEY_LINKEDIN_CLIENT_SECRET", "none", "Its secret; needed with the client id."),
    Setting(
        "PARLEY_LINKEDIN_OAUTH_URL",
        "`https://www.linkedin.com`",
        "Where people consent and tokens come from; `/oauth/v2/...` is put behind it. Its address may be private.",
    ),
    Setting(
        "PARLEY_LINKEDIN_API_URL",
        "`https://api.linkedin.com`",
        "LinkedIn's API; `/rest/...` is put behind it. Its address may be private.",
    ),
    Setting(
        "PARLEY_LINKEDIN_VERSION",
        "`202508`",
        "The version of LinkedIn's API that is asked for, a year and a month. LinkedIn ends each after about a year.",
    ),
    Setting(
        "PARLEY_TWILIO_API_URL",
        "`https://api.twilio.com`",
        "Where Twilio's API is reached, such as `https://api.dublin.ie1.twilio.com` for a region. Its address may be "
        "private.",
    ),
)
