// What the API of this module speaks in: a program that uses a client imports AsyngularClient alone.
@_exported import AsyngularSupport
@_exported import EventLoop
@_exported import SocketProtocol
@_exported import StrictJSON
