"""Typed reading of the environment: a bad value stops the start with one clear sentence."""

import ipaddress
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


class BadSetting(SystemExit):
    """Stop with a sentence instead of a traceback."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Trustdesk cannot start: {sentence}")


def text(name: str, *, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name, default="1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    value = text(name, default=str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def one_of(name: str, *, default: str, known: Collection[str]) -> str:
    if (value := text(name, default=default)) not in known:
        raise BadSetting(f"{name} must be one of {', '.join(known)}, not {value!r}.")
    return value


def words(name: str, *, default: str = "") -> list[str]:
    """Read a list whose parts stand between commas."""
    return [part.strip() for part in text(name, default=default).split(",") if part.strip()]


def networks(name: str, *, default: str = "") -> list[str]:
    """Read a list of networks: "10.20.0.0/16,127.0.0.1/32"."""
    found = words(name, default=default)
    for network in found:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise BadSetting(f"{name} must hold networks such as 10.20.0.0/16, not {network!r}.") from error
    return found


@dataclass(frozen=True)
class MailServer:
    scheme: str
    host: str
    port: int
    user: str
    password: str


def mail_server(name: str) -> MailServer | None:
    """Read ``smtp://``, ``smtp+tls://`` (STARTTLS) or ``smtps://user:password@host:port``; None when it is not set."""
    if not (value := text(name, default="")):
        return None
    bad = BadSetting(f"{name} must look like smtp+tls://user:password@mail.example.org:587, or smtp or smtps.")
    try:
        parts = urlsplit(value)
        port = parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise bad from error
    if not parts.hostname or parts.scheme not in {"smtp", "smtp+tls", "smtps"}:
        raise bad
    return MailServer(parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


def data_dir() -> Path:
    """Return the folder that holds everything this installation writes."""
    return Path(text("DATA_DIR", default=str(Path(__file__).resolve().parent.parent / ".data"))).expanduser().absolute()


def secret(name: str, *, length: int = 50) -> str:
    """Read a secret from the environment, else from ``DATA_DIR/secrets/<name>``, made at first use (mode 0600)."""
    if value := text(name, default=""):
        return value
    path = data_dir() / "secrets" / name.lower()
    try:
        return _read_or_make(path, length)
    except OSError as error:
        raise BadSetting(f"the data folder {data_dir()} cannot be written: {error.strerror}.") from error


def _read_or_make(path: Path, length: int) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(length).hex())
        try:
            os.link(fresh, path)  # whoever links first wins; everyone reads the winner's
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
