/// What few sockets have, and none for long, kept apart so that the others do not pay for it.
final class SocketExtras {
    /// Events that go out at the end of the turn, behind its answers (contract §6).
    var outbox: [[UInt8]] = []
    /// What waits for the verification pool.
    var verifying: PendingVerification?
    /// Who the upgrade request said the peer is, until the handshake.
    var upgradeIdentity: UpgradeIdentity?
    /// Packets of a batch that wait until verification is done, and the bytes they point into.
    var heldPackets: HeldPackets?
    /// Requests that came before anybody asked for them; see ``EarlyPackets``.
    var early: EarlyPackets?
    /// Calls of ours that wait for the client's answer, made with the first call.
    var calls: CallTable?
    /// Tokens for the client that wait for the answer to a request; see ``AGServerSocket/sendToken(_:)``.
    var heldTokens: [[UInt8]] = []
    /// The `exp` of the token that the clock took away.
    var expiredClaim = 0.0
    /// When the token in force is to be renewed, milliseconds since 1970.
    var authRefreshDue = Double.infinity

    var isEmpty: Bool {
        outbox.isEmpty && verifying == nil && upgradeIdentity == nil && heldPackets == nil && early == nil
            && calls == nil
            && heldTokens.isEmpty && expiredClaim == 0 && authRefreshDue == .infinity
    }
}

extension AGServerSocket {
    var verifying: PendingVerification? {
        get { extras?.verifying }
        set { if newValue != nil || extras != nil { changeExtras { $0.verifying = newValue } } }
    }

    var upgradeIdentity: UpgradeIdentity? {
        get { extras?.upgradeIdentity }
        set { if newValue != nil || extras != nil { changeExtras { $0.upgradeIdentity = newValue } } }
    }

    var heldPackets: HeldPackets? {
        get { extras?.heldPackets }
        set { if newValue != nil || extras != nil { changeExtras { $0.heldPackets = newValue } } }
    }

    var early: EarlyPackets? {
        get { extras?.early }
        set { if newValue != nil || extras != nil { changeExtras { $0.early = newValue } } }
    }

    /// Changed in place: the table of a busy caller is not copied for each call.
    var calls: CallTable? {
        get { extras?.calls }
        _modify {
            if let extras {
                yield &extras.calls
            } else {
                var table: CallTable?
                yield &table
                if let table { changeExtras { $0.calls = table } }
            }
        }
    }

    var heldTokens: [[UInt8]] {
        get { extras?.heldTokens ?? [] }
        set { if !newValue.isEmpty || extras != nil { changeExtras { $0.heldTokens = newValue } } }
    }

    var expiredClaim: Double {
        get { extras?.expiredClaim ?? 0 }
        set { if newValue != 0 || extras != nil { changeExtras { $0.expiredClaim = newValue } } }
    }

    var authRefreshDue: Double {
        get { extras?.authRefreshDue ?? .infinity }
        set { if newValue != .infinity || extras != nil { changeExtras { $0.authRefreshDue = newValue } } }
    }

    func changeExtras(_ change: (SocketExtras) -> Void) {
        let changed = extras ?? context.takeExtras()
        change(changed)
        if changed.isEmpty {
            extras = nil
            context.returnExtras(changed)
        } else if extras == nil {
            extras = changed
        }
    }
}
