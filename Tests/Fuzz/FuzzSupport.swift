/// Ends the run with a finding; libFuzzer keeps the input.
func finding(_ message: String) -> Never {
    fatalError(message)
}

/// Requires a property of the code under test.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { finding(message()) }
}

/// What libFuzzer made up: some settings, then the bytes to parse.
struct FuzzInput {
    /// Bytes that choose settings and cuts; zero where the input is too short for them.
    var settings: [UInt8]
    /// The rest.
    var bytes: [UInt8]

    init(_ data: UnsafePointer<UInt8>?, _ count: Int, settings settingCount: Int) {
        let all = unsafe Array(UnsafeBufferPointer(start: data, count: count))
        settings = Array(all.prefix(settingCount))
        settings += [UInt8](repeating: 0, count: settingCount - settings.count)
        bytes = Array(all.dropFirst(settingCount))
    }

    /// `bytes` in pieces, some of them empty, whose lengths follow from `seed`; 0 makes pieces of one byte.
    func pieces(seed: UInt8) -> [[UInt8]] {
        var state = UInt32(seed)
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            state = state &* 1_664_525 &+ 1_013_904_223
            let length = seed == 0 ? 1 : Int(state >> 24) % (2 + Int(seed) % 40)
            let end = min(start + length, bytes.count)
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}

/// Runs `body` on a copy of `bytes` in memory of exactly their size, so that AddressSanitizer sees every overrun.
func withExactCopy<Result, Failure: Error>(
    of bytes: [UInt8],
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { unsafe copy.deallocate() }
    unsafe copy.copyBytes(from: bytes)
    return try unsafe body(copy)
}
