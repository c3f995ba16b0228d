import CEventLoop
import DequeModule

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A listening descriptor on one loop. Confined to the loop.
@safe
final class Acceptor: TimerTarget, @unchecked Sendable {
    /// How long accepting rests when the system has nothing left to accept with.
    private static let restMilliseconds: UInt64 = 100

    /// Reads of newcomers that may wait while more newcomers are accepted.
    private static let deferredLimit = 64

    let loop: EventLoop
    private let descriptor: CInt
    private let settings: Connection.Settings
    private let makeHandler: @Sendable (EventLoop) -> ConnectionHandler
    private var raw: OpaquePointer?
    private var retryTimer = TimerID.none

    init(
        loop: EventLoop,
        descriptor: CInt,
        settings: Connection.Settings,
        makeHandler: @escaping @Sendable (EventLoop) -> ConnectionHandler
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.settings = settings
        self.makeHandler = makeHandler
        unsafe raw = nil
    }

    /// Starts accepting. Owns the descriptor if the status is 0.
    func open() -> Int32 {
        guard loop.isUsable, !loop.isShuttingDown else { return -ESHUTDOWN }
        if loop.spareDescriptor < 0 {
            // Without one, running out of descriptors is answered with a pause.
            loop.spareDescriptor = max(el_open_spare_descriptor(), -1)
        }
        var opened: OpaquePointer?
        let owner = unsafe Unmanaged.passRetained(self)
        let status = unsafe el_acceptor_open(loop.raw, descriptor, owner.toOpaque(), &opened)
        guard status == 0, let opened = unsafe opened else {
            unsafe owner.release()
            return status
        }
        unsafe raw = opened
        loop.acceptors[ObjectIdentifier(self)] = self
        return unsafe el_acceptor_resume(opened)
    }

    /// Stops accepting and closes the descriptor.
    func close() {
        guard let raw = unsafe raw else { return }
        unsafe self.raw = nil
        loop.cancel(retryTimer)
        unsafe el_acceptor_close(raw)
    }

    func handleClosed() {
        loop.acceptors[ObjectIdentifier(self)] = nil
    }

    /// Accepts what waits, up to the limit of one turn; the rest makes the descriptor readable again.
    func acceptWaiting() {
        // Newcomers whose input waits already come first.
        guard unsafe loop.deferred.count + Int(el_loop_deferrals(loop.raw)) < Self.deferredLimit else { return }
        var budget = max(1, loop.options.acceptsPerTurn)
        var isFirst = true
        while budget > 0, unsafe raw != nil, isFirst || !loop.isTurnSpent {
            budget -= 1
            isFirst = false
            let accepted = el_accept(descriptor)
            if accepted >= 0 {
                loop.counters.accepted &+= 1
                loop.open(accepted, settings: settings, handler: makeHandler(loop))
                continue
            }
            switch -accepted {
            case EAGAIN:
                return
            case EMFILE, ENFILE:
                guard refuse() else { return rest() }
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH:
                // Errors of the connection that would have been accepted: see accept(2).
                continue
            default:
                return rest()
            }
        }
    }

    /// Accepts one connection with the spare descriptor and closes it, so that the peer need not wait for nothing.
    private func refuse() -> Bool {
        guard loop.spareDescriptor >= 0 else { return false }
        el_close(loop.spareDescriptor)
        let accepted = el_accept(descriptor)
        if accepted >= 0 {
            loop.counters.refused &+= 1
            el_close(accepted)
        }
        loop.spareDescriptor = max(el_open_spare_descriptor(), -1)
        // Another thread may have taken the descriptor; then accepting rests until there is one again.
        return (accepted >= 0 || accepted == -EAGAIN) && loop.spareDescriptor >= 0
    }

    /// Stops watching the descriptor, which stays readable, for a while.
    private func rest() {
        guard let raw = unsafe raw else { return }
        unsafe el_acceptor_pause(raw)
        retryTimer = loop.schedule(self, afterMilliseconds: Self.restMilliseconds)
    }

    override func timerFired(_ tag: UInt32) {
        guard let raw = unsafe raw else { return }
        if loop.spareDescriptor < 0 { loop.spareDescriptor = max(el_open_spare_descriptor(), -1) }
        _ = unsafe el_acceptor_resume(raw)
    }
}
