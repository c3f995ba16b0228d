#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Finds phrases at the beginnings of lines, for ``PackedRequestHead``. Every connection is packed once, so the phrases lie
/// in one array, chained by their first bytes.
final class PhraseLookup: Sendable {
    private static let none: UInt8 = 255

    private let text: [UInt8]
    /// Where each phrase begins in `text`; one more for the end.
    private let starts: [UInt32]
    private let codes: [UInt8]
    /// For each byte the first phrase that begins with it.
    private let first: [UInt8]
    /// For each phrase the next one with the same first byte.
    private let next: [UInt8]

    /// - Parameter codes: the byte that stands for each phrase.
    init(_ phrases: [[UInt8]], codes: [UInt8]) {
        precondition(phrases.count <= codes.count && phrases.count < Int(Self.none), "more phrases than codes")
        text = phrases.flatMap(\.self)
        starts = phrases.reduce(into: [0]) { $0.append($0[$0.count - 1] + UInt32($1.count)) }
        self.codes = codes
        var first = [UInt8](repeating: Self.none, count: 256)
        var next = [UInt8](repeating: Self.none, count: phrases.count)
        // From the last, so that the earlier of two comes first.
        for (index, phrase) in phrases.enumerated().reversed() {
            next[index] = first[Int(phrase[0])]
            first[Int(phrase[0])] = UInt8(index)
        }
        self.first = first
        self.next = next
    }

    /// Replaces phrases by their codes.
    ///
    /// - Parameter output: as much room as there are bytes.
    /// - Returns: the bytes written.
    @unsafe
    func pack(_ source: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        guard let from = source.baseAddress, let to = output.baseAddress else { return 0 }
        precondition(output.count >= source.count, "too little room")
        var index = 0
        var count = 0
        var isLineStart = true
        while index < source.count {
            if isLineStart, let (code, length) = unsafe match(from + index, source.count - index) {
                unsafe to.storeBytes(of: code, toByteOffset: count, as: UInt8.self)
                count += 1
                index += length
                isLineStart = unsafe source[index - 1] == 0x0A
                continue
            }
            let rest = source.count - index
            let end = unsafe memchr(from + index, 0x0A, rest)
            let length = unsafe end.map { unsafe UnsafeRawPointer($0) - (from + index) + 1 } ?? rest
            unsafe (to + count).copyMemory(from: from + index, byteCount: length)
            count += length
            index += length
            isLineStart = true
        }
        return count
    }

    @unsafe
    private func match(_ bytes: UnsafeRawPointer, _ count: Int) -> (code: UInt8, length: Int)? {
        var index = unsafe first[Int(bytes.load(as: UInt8.self))]
        while index != Self.none {
            let start = Int(starts[Int(index)])
            let length = Int(starts[Int(index) + 1]) - start
            let isHere =
                unsafe length <= count
                && text.withUnsafeBytes { unsafe memcmp($0.baseAddress! + start, bytes, length) == 0 }
            if isHere { return (codes[Int(index)], length) }
            index = next[Int(index)]
        }
        return nil
    }
}
