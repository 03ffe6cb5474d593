"""An alert as a mail, over the SMTP server of SMTP_URL: in the clear only on this machine."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from service.alerts.sending import Outcome
from service.config_checks import check_receiver

SECONDS = 15.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOT_SET = (
    "SMTP_URL and MAIL_FROM are not set, so nothing is sent by mail: set them for web and worker, "
    "then send it again."
)


def mail(delivery_id: str, sender: str, receiver: str, title: str, text: str) -> EmailMessage:
    """The same Message-ID on every attempt: mailboxes show it once. Raises ValueError for a
    receiver that is not one address."""
    check_receiver(receiver)
    message = EmailMessage()
    message["From"], message["To"] = sender, receiver
    # A title holds names that strangers chose, and a header is one line.
    message["Subject"] = " ".join(title.split())
    message["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2].strip('> ')}>"
    # https://www.rfc-editor.org/rfc/rfc3834#section-5: no out-of-office reply to this.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def send(
    smtp_url: SecretStr, message: EmailMessage, trusting: ssl.SSLContext | None = None
) -> Outcome:
    """Hand it to the server. Blocks for at most ``SECONDS`` for a step."""
    try:
        with _connect(smtp_url, trusting or ssl.create_default_context()) as server:
            server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        return Outcome(False, reason="The mail server refuses our sign-in: look at SMTP_URL.")
    except smtplib.SMTPRecipientsRefused as error:
        return _refused("receiver", max(code for code, _ in error.recipients.values()))
    except smtplib.SMTPNotSupportedError:
        return Outcome(False, reason="The mail server offers no TLS or no sign-in.")
    except smtplib.SMTPResponseException as error:
        return _refused("message", error.smtp_code)
    except ssl.SSLCertVerificationError:
        return Outcome(False, reason="The mail server's certificate is not valid for its name.")
    except (OSError, smtplib.SMTPException):
        return Outcome(False, reason="The mail server cannot be reached.")
    return Outcome(True, 250)


def _connect(smtp_url: SecretStr, trusting: ssl.SSLContext) -> smtplib.SMTP:
    parts = urlsplit(smtp_url.get_secret_value())
    host = parts.hostname or ""
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=trusting)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
    try:
        if parts.scheme == "smtp" and host not in _LOOPBACK:
            server.starttls(context=trusting)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _refused(what: str, status: int) -> Outcome:
    """A status from 500 on is for good: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1."""
    reason = f"The mail server refuses the {what} (status {status})."
    return Outcome(False, status, reason, is_final=status >= 500)
