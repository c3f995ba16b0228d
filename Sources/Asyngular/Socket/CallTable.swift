import EventLoop
import SocketProtocol
import StrictJSON

/// The calls a socket has made to its client and that wait for an answer.
struct CallTable {
    @safe struct Call {
        let event: String
        let continuation: UnsafeContinuation<Result<JSONText?, AGError>, Never>
        let timer: TimerID
    }

    private var waiting: [UInt32: Call] = [:]
    private var last: UInt32 = 0

    /// Each side numbers its own calls from 1 (contract §2).
    mutating func nextID() -> UInt32 {
        last = last == 0x7FFF_FFFF ? 1 : last + 1
        return last
    }

    mutating func insert(_ call: Call, for id: UInt32) {
        waiting[id] = call
    }

    mutating func remove(_ id: UInt32) -> Call? {
        waiting.removeValue(forKey: id)
    }

    mutating func removeAll() -> [Call] {
        defer { waiting = [:] }
        return waiting.sorted { $0.key < $1.key }.map(\.value)
    }

    var count: Int { waiting.count }
}
