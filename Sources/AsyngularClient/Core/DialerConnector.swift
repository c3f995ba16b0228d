import EventLoop

struct DialerConnector: ClientConnector {
    func open(_ attempt: UInt32, for core: ClientCore) -> any ClientTransport { fatalError("not there yet") }
}
