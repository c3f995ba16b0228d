import SocketProtocol

extension ClientMachine {
    /// When to call ``timePassed(_:)`` next; `UInt64.max` for never. It only counts after an input: it may lie before what is left to be done.
    var nextDue: UInt64 {
        let first = min(connectDue, handshakeDue, reconnectDue, callsDue)
        return min(first, healthDue, refreshDue, min(batch.flushDue, batch.endDue))
    }

    /// When the connection counts as lost, unless a ping comes (contract §3).
    private var healthDue: UInt64 {
        guard isTransportOpen, !options.pingTimeoutDisabled else { return .max }
        return lastPing + pingTimeout
    }

    /// Does what is due, the earliest first.
    mutating func timePassed(_ turn: inout Turn) {
        while true {
            let due = nextDue
            guard due <= turn.now, due != .max else { return }
            switch due {
            case connectDue:
                lose(.connectTimeout, &turn)
            case handshakeDue:
                failHandshake(.responseTimeout(event: ReservedEvent.handshake.rawValue), &turn)
            case healthDue:
                lose(.pingTimeout, &turn)
            case callsDue:
                expireCalls(&turn)
            case batch.flushDue:
                flushPeriodically(&turn)
            case batch.endDue:
                endBatchOnHandshake(&turn)
            case refreshDue:
                refreshToken(&turn)
            default:
                reconnectDue = .max
                connect(&turn)
            }
        }
    }

    /// The client itself finds the connection unusable.
    private mutating func lose(_ code: CloseCode, _ turn: inout Turn) {
        end(code, reason: "", isLocal: false, &turn)
        turn.actions.append(.close(code: code.rawValue, reason: ""))
    }
}
