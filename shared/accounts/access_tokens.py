"""Access tokens: JSON Web Tokens, good for minutes. They name a sign-in, and what that allows is looked up."""

from datetime import timedelta

from shared.accounts.signing_keys import Keys
from shared.errors import UnauthenticatedError
from shared.models.base import now

LIVES = timedelta(minutes=15)

#: The one algorithm that is signed with and believed, whatever a token says of itself.
_ALGORITHM = "HS256"
_PURPOSE = "access token"


def issued(keys: Keys, user_id: str, sign_in_id: str) -> str:
    """Return an access token of a sign-in."""
    import jwt  # noqa: PLC0415 - only who signs somebody in needs it in memory

    at = now()
    claims = {"sub": user_id, "sid": sign_in_id, "iat": at, "exp": at + LIVES}
    return jwt.encode(claims, keys.for_purpose(_PURPOSE)[keys.newest], _ALGORITHM, headers={"kid": keys.newest})


def key_of(token: str) -> str | None:
    """Return the name of the secret that a token says it is signed by; None where it says nothing."""
    import jwt  # noqa: PLC0415 - only who is signed in needs it in memory

    try:
        return str(jwt.get_unverified_header(token).get("kid"))
    except jwt.InvalidTokenError:
        return None


def sign_in_of(keys: Keys, token: str) -> str:
    """Return the id of the sign-in that a token is of; whether it has ended is not looked at.

    Raises:
        UnauthenticatedError: it isn't ours, or no longer good.

    """
    import jwt  # noqa: PLC0415 - only who is signed in needs it in memory

    try:
        key = keys.for_purpose(_PURPOSE)[key_of(token) or ""]
        # Its time of issue may lie ahead by what two machines' clocks differ.
        demanded = {"require": ["sub", "sid", "exp"], "verify_iat": False}
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM], options=demanded)  # type: ignore[arg-type]
    except jwt.ExpiredSignatureError:
        raise UnauthenticatedError(
            "The access token has expired; exchange the refresh token by POST /api/v1/auth/refresh."
        ) from None
    except (jwt.InvalidTokenError, KeyError):
        raise UnauthenticatedError("The access token is none of this server's, or its secret was changed.") from None
    return str(claims["sid"])
