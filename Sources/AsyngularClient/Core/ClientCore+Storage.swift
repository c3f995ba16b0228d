import AsyngularSupport
import SocketProtocol

extension ClientCore {
    // MARK: The stored token (contract §10)

    func loadToken(_ attempt: UInt32) {
        guard let store = machine.options.authTokenStore else {
            let token = ownToken
            return perform { $0.tokenLoaded(attempt, .success(token), &$1) }
        }
        let name = machine.options.authTokenName
        inOrder { core in
            let result = await Self.result { try await store.loadToken(name: name) }
            core.onLoop { $0.tokenLoaded(attempt, result, &$1) }
        }
    }

    func saveToken(_ token: String) {
        guard let store = machine.options.authTokenStore else {
            ownToken = token
            return
        }
        let name = machine.options.authTokenName
        inOrder { core in
            let result = await Self.result { try await store.saveToken(token, name: name) }
            guard case .failure(let error) = result else { return }
            core.onLoop { $0.tokenSaved(error, &$1) }
        }
    }

    func removeToken() {
        guard let store = machine.options.authTokenStore else {
            let old = ownToken
            ownToken = nil
            return perform { $0.tokenRemoved(.success(old), &$1) }
        }
        let name = machine.options.authTokenName
        inOrder { core in
            let result = await Self.result { try await store.removeToken(name: name) }
            core.onLoop { $0.tokenRemoved(result, &$1) }
        }
    }

    func refreshToken(_ token: AGClientAuthToken) {
        guard let refresh = machine.options.authTokenRefresh else { return }
        Task { [weak self] in
            let result = await Self.result { try await refresh.fetch(token) }
            self?.onLoop { $0.tokenRefreshed(result, &$1) }
        }
    }

    /// Operations of the store are carried out one after the other: what is loaded is what was saved last.
    private func inOrder(_ operation: @escaping @Sendable (ClientCore) async -> Void) {
        let before = storageTail
        storageTail = Task {
            await before?.value
            await operation(self)
        }
    }

    private static func result<Value>(_ body: () async throws -> Value) async -> Result<Value, AGError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(AGError(reporting: error))
        }
    }

    private func onLoop(_ input: @escaping @Sendable (inout Machine, inout Turn) -> Void) {
        loop.execute { self.perform(input) }
    }
}
