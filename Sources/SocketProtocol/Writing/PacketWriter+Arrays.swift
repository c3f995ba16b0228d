import StrictJSON

/// Packets that are not frequent enough to be written in place, and forms that take ready-made values.
extension PacketWriter {
    /// `{"rid":1,"data":…}`; without `data` if that is nil.
    public static func response(rid: RawSpan, data: JSONText) -> [UInt8] {
        response(rid: rid, data: data.span)
    }

    /// `{"rid":1,"error":…}`
    public static func errorResponse(rid: RawSpan, error: AGError) -> [UInt8] {
        errorResponse(rid: rid, error: JSONText(error.dehydrated()).span)
    }

    /// `{"event":"…","data":…}`
    public static func transmit(event: String, data: JSONText) -> [UInt8] {
        transmit(event: event, data: data.span)
    }

    /// `{"event":"…","cid":1,"data":…}`
    public static func invoke(event: String, cid: Int, data: JSONText, order: Order = .server) -> [UInt8] {
        invoke(event: event, cid: cid, data: data.span, order: order)
    }

    /// `{"event":"#publish","data":{"channel":"…","data":…}}`
    public static func publish(channel: String, data: JSONText) -> [UInt8] {
        publish(channel: channel, data: data.span)
    }

    /// `{"event":"#setAuthToken","data":{"token":"…"}}`, or with a `cid` if delivery is to be confirmed.
    public static func setAuthToken(_ token: String, cid: Int? = nil) -> [UInt8] {
        event(.setAuthToken, cid: cid, data: ["token": .string(token)])
    }

    /// `{"event":"#removeAuthToken"}`, or with a `cid` if delivery is to be confirmed.
    public static func removeAuthToken(cid: Int? = nil) -> [UInt8] {
        event(.removeAuthToken, cid: cid, data: nil)
    }

    /// `{"event":"#kickOut","data":{"channel":"…","message":…}}`; without `message` if that is nil.
    public static func kickOut(channel: String, message: JSONValue? = nil) -> [UInt8] {
        var data: JSONObject = ["channel": .string(channel)]
        data["message"] = message
        return event(.kickOut, cid: nil, data: .object(data))
    }

    /// The server's answer to `#handshake` (contract §4).
    ///
    /// - Parameters:
    ///   - rid: The text of the handshake's `cid`.
    ///   - id: The socket's id.
    ///   - pingTimeout: Milliseconds; clients need it.
    ///   - isAuthenticated: Whether the token was valid and allowed.
    ///   - authError: Why a token was refused; nil if none was sent or it was accepted.
    public static func handshakeResponse(
        rid: RawSpan,
        id: String,
        pingTimeout: Int,
        isAuthenticated: Bool,
        authError: AGError? = nil
    ) -> [UInt8] {
        let id = JSONText(.string(id))
        guard let authError else {
            return handshakeResponse(rid: rid, id: id.span, pingTimeout: pingTimeout, isAuthenticated: isAuthenticated)
        }
        let error = JSONText(authError.dehydrated())
        return handshakeResponse(
            rid: rid,
            id: id.span,
            pingTimeout: pingTimeout,
            authError: error.span,
            isAuthenticated: isAuthenticated
        )
    }

    /// The server's answer to `#authenticate` where the token is accepted, or refused without being bad (contract
    /// §9.3).
    public static func authenticateResponse(
        rid: RawSpan,
        isAuthenticated: Bool,
        authError: AGError? = nil
    ) -> [UInt8] {
        let data: JSONObject = [
            "isAuthenticated": .bool(isAuthenticated),
            "authError": authError?.dehydrated() ?? .null,
        ]
        return response(rid: rid, data: data.text.span)
    }

    /// The client's first packet: `{"event":"#handshake","data":{"authToken":…},"cid":1}`.
    public static func handshake(authToken: String?, cid: Int) -> [UInt8] {
        let data: JSONObject = ["authToken": authToken.map { .string($0) } ?? .null]
        return invoke(event: ReservedEvent.handshake.rawValue, cid: cid, data: data.text, order: .client)
    }

    /// The client's `{"event":"#authenticate","data":"<token>","cid":2}`.
    public static func authenticate(_ token: String, cid: Int) -> [UInt8] {
        invoke(
            event: ReservedEvent.authenticate.rawValue,
            cid: cid,
            data: JSONText(.string(token)),
            order: .client
        )
    }

    /// The client's `{"event":"#subscribe","data":{"channel":"…","waitForAuth":true,"data":…},"cid":4}`.
    ///
    /// - Parameters:
    ///   - channel: The channel's name.
    ///   - cid: The call's number.
    ///   - waitForAuth: Sent only if true.
    ///   - data: Sent only if given.
    public static func subscribe(
        channel: String,
        cid: Int,
        waitForAuth: Bool = false,
        data: JSONValue? = nil
    ) -> [UInt8] {
        var options: JSONObject = ["channel": .string(channel)]
        if waitForAuth { options["waitForAuth"] = true }
        options["data"] = data
        return invoke(event: ReservedEvent.subscribe.rawValue, cid: cid, data: options.text, order: .client)
    }

    /// The client's `{"event":"#unsubscribe","data":"…"}`.
    public static func unsubscribe(channel: String) -> [UInt8] {
        transmit(event: ReservedEvent.unsubscribe.rawValue, data: JSONText(.string(channel)))
    }

    /// The client's `{"event":"#publish","data":{"channel":"…","data":…},"cid":5}`.
    public static func publish(channel: String, data: JSONValue?, cid: Int) -> [UInt8] {
        var content: JSONObject = ["channel": .string(channel)]
        content["data"] = data
        return invoke(event: ReservedEvent.publish.rawValue, cid: cid, data: content.text, order: .client)
    }

    /// Several packets as one message, `[…,…]` (contract §16). An empty batch is not to be sent.
    public static func batch(_ packets: [[UInt8]]) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(packets.reduce(1) { $0 + $1.count + 1 })
        message.append(0x5B)
        for (position, packet) in packets.enumerated() {
            if position > 0 { message.append(0x2C) }
            message.append(contentsOf: packet)
        }
        message.append(0x5D)
        return message
    }

    private static func event(_ event: ReservedEvent, cid: Int?, data: JSONValue?) -> [UInt8] {
        let text = data.map { JSONText($0) }
        return switch (cid, text) {
        case (let cid?, let text?): invoke(event: event.rawValue, cid: cid, data: text)
        case (let cid?, nil): invoke(event: event.rawValue, cid: cid)
        case (nil, let text?): transmit(event: event.rawValue, data: text)
        case (nil, nil): transmit(event: event.rawValue)
        }
    }
}

extension JSONObject {
    fileprivate var text: JSONText { JSONText(unchecked: serialized()) }
}
