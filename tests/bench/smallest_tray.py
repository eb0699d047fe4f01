"""The least that a tray of PySide6 can be: an icon with a menu. With `bus`: that also listens to a bus through dbus-next."""

import sys

from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

if "bus" in sys.argv:
    import asyncio

    from dbus_next import BusType
    from dbus_next.aio import MessageBus

    async def listen() -> MessageBus:
        return await MessageBus(bus_type=BusType.SYSTEM).connect()

    loop = asyncio.new_event_loop()
    bus = loop.run_until_complete(listen())
app = QApplication(sys.argv[:1])
app.setQuitOnLastWindowClosed(False)
pixmap = QPixmap(32, 32)
pixmap.fill(QColor("green"))
menu = QMenu()
menu.addAction("Quit").triggered.connect(app.quit)
icon = QSystemTrayIcon(QIcon(pixmap))
icon.setContextMenu(menu)
icon.show()
sys.exit(app.exec())
