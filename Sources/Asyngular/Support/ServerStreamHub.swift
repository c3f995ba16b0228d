import AsyngularSupport

/// The streams of the server, or of one of its sockets.
typealias ServerStreamHub = StreamHub<AGRequest, AGTransmission>

/// Has ended and keeps nothing: the hub of every emitter that ended before anybody listened.
enum EndedStreams {
    static let hub: ServerStreamHub = {
        let hub = ServerStreamHub()
        hub.finish()
        return hub
    }()
}
