import SocketProtocol
import StrictJSON

/// Any bytes as a message: the one-pass scanner and the tree parser agree on what it is and holds.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput(data, count, settings: 1)
    let rule: PacketScanner.IdentifierRule = input.settings[0] & 1 != 0 ? .nonNull : .numbers
    let depth = input.settings[0] & 2 != 0 ? 3 : 128
    let scanner = PacketScanner(maximumDepth: depth, identifiers: rule)
    var packets = [Packet]()
    withExactCopy(of: input.bytes) { copy in
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(copy))
        // Scan behind a packet that is there already: it must stay.
        _ = scanner.scan(unsafe Array("{}".utf8).span.bytes, utf8Validated: true, into: &packets)
        let outcome = scanner.scan(span, utf8Validated: false, into: &packets)
        require(packets.first?.kind == .raw, "an earlier packet changed")
        packets.removeFirst()
        let value = try? JSONValue(parsing: span, maximumDepth: depth)
        switch value {
        case .object?:
            require(outcome == .packet && packets.count == 1, "an object is a packet")
        case .array(let elements)?:
            require(outcome == .batch && packets.count == elements.count, "an array is a batch")
        default:
            require(outcome == .raw && packets.isEmpty, "anything else is raw")
        }
        // The short way says the same, or nothing.
        if String(validating: input.bytes, as: UTF8.self) != nil,
            let usual = scanner.scanUsual(span, utf8Validated: true)
        {
            require(outcome == .packet && packets == [usual], "the short way")
        }
        guard let value else { return }
        for (index, packet) in packets.enumerated() {
            check(packet, value.arrayValue?[index] ?? value, rule, span, depth)
        }
    }
    return 0
}

/// A packet must be what contract §2 makes of the decoded value.
private func check(
    _ packet: Packet,
    _ value: JSONValue,
    _ rule: PacketScanner.IdentifierRule,
    _ bytes: RawSpan,
    _ depth: Int
) {
    let event = value["event"]?.stringValue
    let cid = identifier(value["cid"], rule)
    let rid = identifier(value["rid"], rule)
    let kind: Packet.Kind =
        if event != nil { cid == nil ? .transmit : .invoke } else if rid != nil { .response } else { .raw }
    require(packet.kind == kind, "\(packet.kind) is \(kind)")
    guard kind != .raw else { return }
    func parsed(_ range: Range<Int>) -> JSONValue? {
        try? JSONValue(parsing: bytes.extracting(range), maximumDepth: depth)
    }
    if let event {
        require(packet.event.string(in: bytes).utf8.elementsEqual(event.utf8), "event")
    }
    if kind != .transmit { require(parsed(packet.cid) == (kind == .invoke ? cid : rid), "identifier") }
    require(packet.data.flatMap(parsed) == value["data"], "data")
    // `JSONValue` has a nil literal of its own, so the absence of a value is better not written as one.
    let error = value["error"]
    require(packet.error.flatMap(parsed) == (error?.isNull == true ? Optional.none : error), "error")
}

private func identifier(_ value: JSONValue?, _ rule: PacketScanner.IdentifierRule) -> JSONValue? {
    guard let value, !value.isNull else { return nil }
    return rule == .nonNull || value.kind == .number ? value : Optional.none
}
