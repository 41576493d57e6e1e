"""Mail webhook: a provider that receives mail posts each one as a form, as Mailgun's routes do.

Owns the table mail_webhook_token.
"""
