import AsyngularSupport
import EventLoop

/// What the WebSockets of one loop share. Confined to the loop.
@safe
final class ClientLoop {
    // Exclusivity is not checked at run time: the object is confined to one thread, and no access to one of these lasts
    // while a WebSocket is called.
    @safe @exclusivity(unchecked) var input = unsafe InputWindow(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    @safe @exclusivity(unchecked) var masks = MaskSource()

    /// The one of a loop.
    static func of(_ loop: EventLoop) -> ClientLoop {
        loop.companion { ClientLoop() }
    }
}
