"""Users, sign-ins and API keys as clients read them."""

from typing import Any

from api.fields import instant
from shared.accounts.access_tokens import LIVES
from shared.accounts.identities import Identity
from shared.models import ApiKey, User

Json = dict[str, Any]


def user(row: User) -> Json:
    return {
        "id": row.id,
        "username": row.username,
        "role": row.role,
        "isActive": row.is_active,
        "createdAt": instant(row.created_at),
        "updatedAt": instant(row.updated_at),
    }


def signed_in(row: User, access_token: str, refresh_token: str) -> Json:
    return {
        "accessToken": access_token,
        "tokenType": "Bearer",
        "expiresIn": int(LIVES.total_seconds()),
        "refreshToken": refresh_token,
        "user": user(row),
    }


def me(row: User, asking: Identity) -> Json:
    return {"user": user(row), "scopes": sorted(asking.scopes), "apiKeyId": asking.key_id}


def api_key(row: ApiKey, username: str) -> Json:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "username": username,
        "createdAt": instant(row.created_at),
        "usedAt": instant(row.used_at),
    }
