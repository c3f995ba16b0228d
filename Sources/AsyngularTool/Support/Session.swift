import ArgumentParser
import AsyngularClient

/// A connected client, for the time of a command.
struct Session: Sendable {
    let socket: AGClientSocket
    private let options: AGClientOptions

    /// Connects, does what a command does, and leaves.
    ///
    /// - Parameters:
    ///   - reconnects: whether a connection that is lost is opened again.
    ///   - body: the command.
    static func run(
        _ connection: ConnectionOptions,
        reconnects: Bool = false,
        _ body: (Session) async throws -> Void
    ) async throws {
        var options = try connection.clientOptions()
        options.autoReconnect = reconnects
        let given = try connection.givenToken()
        do {
            if let given { try await options.authTokenStore?.saveToken(given, name: options.authTokenName) }
            let session = Session(socket: try AsyngularClient.create(options), options: options)
            let status = try await session.connect()
            try await session.check(status, isGiven: given != nil)
            try await body(session)
            try await session.leave(status)
        } catch let failure as ToolFailure {
            throw failure.report()
        } catch let error as AGError {
            throw ToolFailure(error).report()
        } catch let error as AuthTokenStoreError {
            throw ToolFailure(ToolFailure.refused, "the token cannot be stored: \(error.reason)").report()
        }
    }

    private func connect() async throws -> AGClientConnectStatus {
        let connected = socket.listener(.connect)
        let closed = socket.listener(.close)
        await socket.connect()
        return try await withThrowingTaskGroup(of: AGClientConnectStatus.self) { group in
            group.addTask { try await connected.once() }
            group.addTask {
                let closure = try await closed.once()
                throw ToolFailure(ToolFailure.disconnected, "\(closure.reason) (\(closure.code.rawValue))")
            }
            defer { group.cancelAll() }
            guard let status = try await group.next() else { throw CancellationError() }
            return status
        }
    }

    private func check(_ status: AGClientConnectStatus, isGiven: Bool) async throws {
        guard let error = status.authError else { return }
        if isGiven { throw ToolFailure(ToolFailure.refused, "the server did not accept the token: \(error)") }
        Output.error("warning: the server did not accept the stored token: \(error)")
    }

    /// Closes the connection. What the server gave or took last is in the store then.
    private func leave(_ status: AGClientConnectStatus) async throws {
        let token = await socket.signedAuthToken
        let closed = socket.listener(.close)
        await socket.disconnect()
        _ = try? await closed.once(timeout: .seconds(1))
        guard let store = options.authTokenStore else { return }
        // The client's own operations may still be under way; the same ones again do no harm.
        if let token {
            try await store.saveToken(token, name: options.authTokenName)
        } else if status.isAuthenticated || status.authError?.isBadToken == true {
            try await store.removeToken(name: options.authTokenName)
        }
    }

    /// Ends with an error when the connection is lost.
    func whileConnected(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let closed = socket.listener(.close)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                let closure = try await closed.once()
                throw ToolFailure(ToolFailure.disconnected, "\(closure.reason) (\(closure.code.rawValue))")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
