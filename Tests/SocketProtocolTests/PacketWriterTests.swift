import SocketProtocol
import StrictJSON
import Testing

@Suite struct PacketWriterTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Writes into room of exactly `length` bytes, which must be filled.
    private func written(_ length: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> String {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<length])
            count = unsafe write(room)
        }
        #expect(bytes.count == length)
        return text(bytes)
    }

    @Test func writesResponses() {
        let (rid, data) = (Array("-1.5e2".utf8), Array(#"{"a":1}"#.utf8))
        let with = #"{"rid":-1.5e2,"data":{"a":1}}"#
        #expect(text(unsafe PacketWriter.response(rid: rid.span.bytes, data: data.span.bytes)) == with)
        #expect(text(unsafe PacketWriter.response(rid: rid.span.bytes, data: JSONText(["a": 1]))) == with)
        #expect(text(unsafe PacketWriter.response(rid: rid.span.bytes)) == #"{"rid":-1.5e2}"#)
        let length = unsafe PacketWriter.responseLength(rid: rid.span.bytes, data: data.span.bytes)
        let inPlace = unsafe written(length) {
            unsafe PacketWriter.writeResponse(rid: rid.span.bytes, data: data.span.bytes, into: $0)
        }
        #expect(inPlace == with)
        let bareLength = unsafe PacketWriter.responseLength(rid: rid.span.bytes)
        let bare = unsafe written(bareLength) { unsafe PacketWriter.writeResponse(rid: rid.span.bytes, into: $0) }
        #expect(bare == #"{"rid":-1.5e2}"#)
    }

    @Test func writesErrorResponses() {
        let (rid, error) = (Array("2".utf8), AGError.authTokenInvalid("jwt malformed"))
        let expected =
            #"{"rid":2,"error":{"message":"jwt malformed","name":"AuthTokenInvalidError","isBadToken":true}}"#
        #expect(text(unsafe PacketWriter.errorResponse(rid: rid.span.bytes, error: error)) == expected)
        let bytes = error.serialized()
        let length = unsafe PacketWriter.errorResponseLength(rid: rid.span.bytes, error: bytes.span.bytes)
        let inPlace = unsafe written(length) {
            unsafe PacketWriter.writeErrorResponse(rid: rid.span.bytes, error: bytes.span.bytes, into: $0)
        }
        #expect(inPlace == expected)
        let bare = AGError(primitive: "no \"way\"")
        #expect(
            text(unsafe PacketWriter.errorResponse(rid: rid.span.bytes, error: bare))
                == #"{"rid":2,"error":"no \"way\""}"#
        )
    }

    @Test func putsDataBesideErrorsForVersionOne() {
        let (rid, error, data) = (Array("1".utf8), Array(#"{"message":"m"}"#.utf8), Array(#"{"code":4008}"#.utf8))
        let packet = unsafe PacketWriter.errorResponse(
            rid: rid.span.bytes,
            error: error.span.bytes,
            data: data.span.bytes
        )
        #expect(text(packet) == #"{"rid":1,"error":{"message":"m"},"data":{"code":4008}}"#)
    }

    @Test(arguments: [
        ("e", #"{"event":"e"}"#, #"{"event":"e","data":[1]}"#), ("", #"{"event":""}"#, #"{"event":"","data":[1]}"#),
        ("a\"\n日", #"{"event":"a\"\n日"}"#, #"{"event":"a\"\n日","data":[1]}"#),
    ])
    func writesTransmits(_ event: String, _ bare: String, _ full: String) {
        let data = Array("[1]".utf8)
        #expect(text(PacketWriter.transmit(event: event)) == bare)
        #expect(text(PacketWriter.transmit(event: event, data: JSONText([1]))) == full)
        let inPlaceBare = unsafe written(PacketWriter.transmitLength(event: event)) {
            unsafe PacketWriter.writeTransmit(event: event, into: $0)
        }
        #expect(inPlaceBare == bare)
        let length = unsafe PacketWriter.transmitLength(event: event, data: data.span.bytes)
        let inPlace = unsafe written(length) {
            unsafe PacketWriter.writeTransmit(event: event, data: data.span.bytes, into: $0)
        }
        #expect(inPlace == full)
    }

    @Test(
        arguments: [
            (0, "0"), (9, "9"), (10, "10"), (-12, "-12"), (1_000_000, "1000000"), (.max, "9223372036854775807"),
            (.min, "-9223372036854775808"),
        ] as [(Int, String)]
    )
    func writesInvokes(_ cid: Int, _ number: String) {
        #expect(text(PacketWriter.invoke(event: "e", cid: cid)) == #"{"event":"e","cid":\#(number)}"#)
        let data = Array("null".utf8)
        let (server, client) = (
            #"{"event":"e","cid":\#(number),"data":null}"#, #"{"event":"e","data":null,"cid":\#(number)}"#
        )
        #expect(text(PacketWriter.invoke(event: "e", cid: cid, data: JSONText(.null))) == server)
        #expect(text(PacketWriter.invoke(event: "e", cid: cid, data: JSONText(.null), order: .client)) == client)
        let length = unsafe PacketWriter.invokeLength(event: "e", cid: cid, data: data.span.bytes)
        let inPlace = unsafe written(length) {
            unsafe PacketWriter.writeInvoke(event: "e", cid: cid, data: data.span.bytes, order: .client, into: $0)
        }
        #expect(inPlace == client)
    }

    @Test func writesPublishes() {
        let data = Array(#""hi""#.utf8)
        let expected = ##"{"event":"#publish","data":{"channel":"a\\b","data":"hi"}}"##
        #expect(text(unsafe PacketWriter.publish(channel: "a\\b", data: data.span.bytes)) == expected)
        #expect(text(PacketWriter.publish(channel: "a\\b", data: JSONText("hi"))) == expected)
        let length = unsafe PacketWriter.publishLength(channel: "a\\b", data: data.span.bytes)
        let inPlace = unsafe written(length) {
            unsafe PacketWriter.writePublish(channel: "a\\b", data: data.span.bytes, into: $0)
        }
        #expect(inPlace == expected)
        #expect(text(PacketWriter.publish(channel: "c")) == ##"{"event":"#publish","data":{"channel":"c"}}"##)
    }

    @Test func writesBatches() {
        let packets = [PacketWriter.transmit(event: "a"), PacketWriter.invoke(event: "b", cid: 1)]
        #expect(text(PacketWriter.batch(packets)) == #"[{"event":"a"},{"event":"b","cid":1}]"#)
        #expect(text(PacketWriter.batch([packets[0]])) == #"[{"event":"a"}]"#)
    }

    @Test func neverWritesBeyondTheRoomGiven() async {
        await #expect(processExitsWith: .failure) {
            _ = unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { room in
                unsafe PacketWriter.writeTransmit(event: "event", into: room)
            }
        }
        await #expect(processExitsWith: .failure) {
            _ = unsafe PacketWriter.writeTransmit(
                event: "event",
                into: UnsafeMutableRawBufferPointer(start: nil, count: 0)
            )
        }
    }

    /// What is written is what is scanned.
    @Test func isReadBackByTheScanner() throws {
        var packets: [Packet] = []
        let data = JSONText(["x": [1, "é\n", nil]])
        let message = PacketWriter.batch([
            PacketWriter.invoke(event: "a\u{1}\"b", cid: 77, data: data, order: .client),
            unsafe PacketWriter.response(rid: "77".utf8.span.bytes, data: data),
        ])
        #expect(unsafe PacketScanner().scan(message.span.bytes, utf8Validated: false, into: &packets) == .batch)
        #expect(packets.map(\.kind) == [.invoke, .response])
        #expect(packets[0].event.string(in: unsafe message.span.bytes) == "a\u{1}\"b")
        for packet in packets {
            #expect(text(Array(message[packet.cid])) == "77")
            #expect(Array(message[try #require(packet.data)]) == data.bytes)
        }
    }
}
