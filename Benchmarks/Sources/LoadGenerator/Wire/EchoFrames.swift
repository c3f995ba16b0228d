import EventLoop
import WebSocket

/// The echo requests of a run: one frame for each of a ring of call numbers, which every connection uses in turn. A number
/// comes round again only when its call was answered long ago.
final class EchoFrames: @unchecked Sendable {
    /// The first call number; all have eight digits, so that every frame has the same length.
    private static let firstNumber = 10_000_000

    /// Frames, a power of two.
    let slots: Int
    /// Bytes of one frame.
    let frameLength: Int
    /// Bytes of one request's data.
    let size: Int
    /// All frames, one behind the other.
    let contiguous: [UInt8]
    /// The same, each on its own, to be sent without copying; empty for small frames.
    let shared: [SharedBytes]
    /// Each call number's digits as they are in memory.
    let digits: [UInt64]
    let isPlain: Bool

    init(size: Int, slots: Int, plain: Bool) {
        var count = 1
        while count < slots { count *= 2 }
        self.slots = count
        self.size = size
        isPlain = plain
        let text = String(repeating: "x", count: size)
        let frames = (0..<count).map { slot in
            let number = Self.firstNumber + slot
            return ClientFrames.text(
                Array(plain ? text.utf8 : #"{"event":"echo","data":"\#(text)","cid":\#(number)}"#.utf8)
            )
        }
        frameLength = frames[0].count
        contiguous = frames.flatMap(\.self)
        shared = frameLength > 1024 ? frames.map { SharedBytes($0) } : []
        digits = (0..<count).map { slot in
            String(Self.firstNumber + slot).utf8.enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * $1.offset) }
        }
    }
}
