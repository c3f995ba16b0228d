// What the API of this module speaks in: a program that embeds the server imports Asyngular alone.
@_exported import AsyngularSupport
@_exported import EventLoop
@_exported import HTTPTypes
@_exported import JSONWebToken
@_exported import SocketProtocol
@_exported import StrictJSON
@_exported import WebSocket
