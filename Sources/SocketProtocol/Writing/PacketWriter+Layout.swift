/// How each packet is spelt, once, for counting and for writing.
extension PacketWriter {
    @inline(always)
    static func putResponse(_ rid: RawSpan, _ data: RawSpan?, to sink: inout some PacketSink) {
        sink.put("{\"rid\":")
        sink.put(bytes: rid)
        putData(data, to: &sink)
        sink.put("}")
    }

    @inline(always)
    static func putHandshakeResponse(
        _ rid: RawSpan,
        _ id: RawSpan,
        _ pingTimeout: Int,
        _ authError: RawSpan?,
        _ isAuthenticated: Bool,
        to sink: inout some PacketSink
    ) {
        sink.put("{\"rid\":")
        sink.put(bytes: rid)
        sink.put(",\"data\":{\"id\":")
        sink.put(bytes: id)
        sink.put(",\"pingTimeout\":")
        sink.put(integer: pingTimeout)
        if let authError {
            sink.put(",\"authError\":")
            sink.put(bytes: authError)
        }
        sink.put(isAuthenticated ? ",\"isAuthenticated\":true}}" : ",\"isAuthenticated\":false}}")
    }

    @inline(always)
    static func putErrorResponse(
        _ rid: RawSpan,
        _ error: RawSpan,
        _ data: RawSpan?,
        to sink: inout some PacketSink
    ) {
        sink.put("{\"rid\":")
        sink.put(bytes: rid)
        sink.put(",\"error\":")
        sink.put(bytes: error)
        putData(data, to: &sink)
        sink.put("}")
    }

    @inline(always)
    static func putTransmit(_ event: String, _ data: RawSpan?, to sink: inout some PacketSink) {
        putEvent(event, to: &sink)
        putData(data, to: &sink)
        sink.put("}")
    }

    @inline(always)
    static func putInvoke(
        _ event: String,
        _ cid: Int,
        _ data: RawSpan?,
        _ order: Order,
        to sink: inout some PacketSink
    ) {
        putEvent(event, to: &sink)
        if order == .client { putData(data, to: &sink) }
        sink.put(",\"cid\":")
        sink.put(integer: cid)
        if order == .server { putData(data, to: &sink) }
        sink.put("}")
    }

    @inline(always)
    static func putPublish(_ channel: String, _ data: RawSpan?, to sink: inout some PacketSink) {
        sink.put("{\"event\":\"#publish\",\"data\":{\"channel\":\"")
        sink.put(escaping: channel)
        sink.put("\"")
        putData(data, to: &sink)
        sink.put("}}")
    }

    @inline(always)
    private static func putEvent(_ event: String, to sink: inout some PacketSink) {
        sink.put("{\"event\":\"")
        sink.put(escaping: event)
        sink.put("\"")
    }

    @inline(always)
    private static func putData(_ data: RawSpan?, to sink: inout some PacketSink) {
        guard let data else { return }
        sink.put(",\"data\":")
        sink.put(bytes: data)
    }
}
