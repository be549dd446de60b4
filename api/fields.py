"""Fields and values that the wire's objects are made of."""

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from shared.wire import camel


class WireSchema(Schema):
    """An object on the wire: names in camelCase.

    For requests it validates; for answers it documents, and ``api.present`` makes what it says: tests hold the two
    equal, and a list of a hundred titles is not taken apart field by field for every reader.
    """

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel(field_name)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:  # noqa: ARG002 - the library's signature
        """Pass on what ``api.present`` made."""
        return obj


class SaidSchema(WireSchema):
    """An object of a request in which null means: not said. What must be said can't be null."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        if not field_obj.required:
            field_obj.allow_none = True
            words = field_obj.metadata.get("enum")
            if words and None not in words:
                field_obj.metadata = {**field_obj.metadata, "enum": [*words, None]}

    @pre_load
    def _pass_over_nulls(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = {field.data_key for field in self.fields.values()}
        return {name: value for name, value in data.items() if value is not None or name not in known}


class Text(fields.String):
    """A text that every database can store: valid Unicode without NUL."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if not any(isinstance(validator, validate.Regexp) for validator in self.validators):
            self.metadata = {"pattern": r"^[^\u0000]*$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text:
            raise ValidationError("May not hold a NUL character.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("Is not valid Unicode.")
        return text


class Whole(fields.Integer):
    """A whole number: ``2`` and ``2.0``, as JSON has it, not ``"2"``."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strict=True, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        is_whole = isinstance(value, float) and value.is_integer()
        return super()._deserialize(int(value) if is_whole else value, attr, data, **kwargs)


def instant(value: datetime | None) -> str | None:
    """Spell an instant in UTC, to the millisecond: ``2026-01-31T12:00:00.000Z``."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat("T", "milliseconds")[: -len("+00:00")] + "Z"


def day(value: date | None) -> str | None:
    """Spell a day as the instant at which it begins: clients read every date as an instant."""
    return None if value is None else f"{value.isoformat()}T00:00:00.000Z"
