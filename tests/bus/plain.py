"""The same few verbs as a service written the way dbus-next means it, to show what would go wrong."""
# ruff: noqa: F722, F821, N802 - the library reads D-Bus signatures from annotations
# mypy: disable-error-code="name-defined, valid-type, syntax, untyped-decorator"

import asyncio

from dbus_next.service import ServiceInterface, method

from guard.ctl.client import MANAGER


class PlainService(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(MANAGER)

    @method()
    async def Explain(self, visit: "s", options: "a{sv}") -> "a{sv}":
        if visit == "stop":
            raise asyncio.CancelledError
        raise KeyError("/secret/path")

    @method()
    def Visits(self, page: "a{sv}", options: "a{sv}") -> "s":
        return "a\0b"
