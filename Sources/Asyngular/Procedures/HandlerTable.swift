/// The server's synchronous handlers. Each loop holds its own copy, so looking one up takes no lock.
struct HandlerTable: Sendable {
    var procedures = BytesMap<AGProcedureHandler>()
    var receivers = BytesMap<AGReceiverHandler>()
}
