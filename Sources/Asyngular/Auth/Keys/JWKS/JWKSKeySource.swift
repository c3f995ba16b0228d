import JSONWebToken

/// Verification keys from an issuer's JWK Set at a URL.
///
/// ```swift
/// import AsyngularJWKS
///
/// var options = AGServerOptions()
/// options.authKeySource = try JWKSKeySource("https://issuer.example/jwks", fetcher: URLSessionJWKSFetcher())
/// ```
///
/// The set is fetched when the server begins to listen, and again when the answer's `max-age` is over, within bounds (see
/// ``Options``). When it cannot be fetched, or what is fetched is no set with a usable key, the last good one stays in force and
/// a warning is logged once. Secrets (`oct`) in a published set are not used.
///
/// A token whose `kid` is not known causes a fetch, but not within ``Options/unknownKeyCooldown`` of the last one, and never a
/// second one at a time, however many tokens wait. The token is bad if its key was retired from the set or is still missing after a
/// fetch made for its sake; in all other cases nobody knows yet, so the client is told to keep it.
public actor JWKSKeySource: AGKeySource {
    /// The longest set read, bytes.
    public static let maximumLength = JSONWebKeySet.Limits().maximumLength

    /// Identifiers remembered that a fetch did not find, and ones that were retired.
    static let maximumMissing = 64
    static let maximumRetired = 256

    private let location: JWKSLocation
    private let fetcher: any JWKSFetcher
    private let own: AGKeyRing?
    private let options: Options
    private let clock: KeyClock

    private var updates: AGKeyUpdates?
    /// The set in force, and what its text hashes to.
    private var fetched: KeySet?
    private var fingerprint: Int?
    private var entityTag: String?
    private var fetchedAt = Duration.zero
    private var nextFetch = Duration.zero
    private var retryDelay: Duration
    /// The fetch under way, and how many tokens wait for it.
    private var fetch: Task<Bool, Never>?
    private var waiting = 0
    private var lastFetch: (startedAt: Duration, succeeded: Bool)?
    private var missing: Set<String> = []
    private var retired: [String] = []

    /// A source that has not fetched anything yet.
    ///
    /// - Parameters:
    ///   - url: of the set: `https`, or `http` of this machine.
    ///   - fetcher: makes the requests.
    ///   - own: keys of this server's own, in force beside those of the set: the one that signs, above all. None: the server
    ///     only verifies.
    ///   - options: see ``Options``.
    /// - Throws: `KeyError` when the URL may not be used.
    public init(
        _ url: String,
        fetcher: any JWKSFetcher,
        own: AGKeyRing? = nil,
        options: Options = Options()
    ) throws(KeyError) {
        try self.init(url, fetcher: fetcher, own: own, options: options, clock: .continuous)
    }

    init(
        _ url: String,
        fetcher: any JWKSFetcher,
        own: AGKeyRing? = nil,
        options: Options = Options(),
        clock: KeyClock
    ) throws(KeyError) {
        location = try JWKSLocation(url, allowsPlain: options.allowsPlainHTTP)
        self.fetcher = fetcher
        self.own = own
        self.options = options
        self.clock = clock
        retryDelay = options.retryDelay
    }

    /// The server's own keys; the set has not been fetched then.
    public nonisolated func initialKeys() throws(KeyError) -> AGKeyRing? { own }

    /// Yes.
    public nonisolated var isRefreshable: Bool { true }

    /// Fetches the set from time to time.
    public func run(_ updates: AGKeyUpdates) async throws {
        self.updates = updates
        defer {
            self.updates = nil
            fetch?.cancel()
        }
        while true {
            try Task.checkCancellation()
            dropIfStale()
            let wait = wakeUp - clock.now()
            if wait > .zero {
                try await clock.sleep(wait)
            } else {
                _ = await currentFetch().value
            }
        }
    }

    /// Fetches the set because of a token whose key is not in it; see ``JWKSKeySource``.
    public func refresh(forUnknownKeyID keyID: String) async -> AGKeyRefreshOutcome {
        guard updates != nil else { return .unavailable }
        if fetched?.contains(keyID: keyID) == true { return .refreshed }
        if retired.contains(keyID) { return .unchanged }
        if fetch == nil, let lastFetch, clock.now() - lastFetch.startedAt < options.unknownKeyCooldown {
            return lastFetch.succeeded && missing.contains(keyID) ? .unchanged : .unavailable
        }
        guard waiting < options.maximumWaiting else { return .unavailable }
        waiting += 1
        let succeeded = await currentFetch().value
        waiting -= 1
        if fetched?.contains(keyID: keyID) == true { return .refreshed }
        guard succeeded else { return .unavailable }
        if missing.count < Self.maximumMissing { missing.insert(keyID) }
        return .unchanged
    }

    // MARK: Fetching

    /// When there is something to do.
    private var wakeUp: Duration {
        guard let limit = options.maximumStaleAge, fetched != nil else { return nextFetch }
        return min(nextFetch, fetchedAt + limit)
    }

    /// The fetch under way, or a new one.
    private func currentFetch() -> Task<Bool, Never> {
        if let fetch { return fetch }
        let task = Task { await fetchOnce() }
        fetch = task
        return task
    }

    /// - Returns: whether the set in force is what the issuer publishes.
    private func fetchOnce() async -> Bool {
        let start = clock.now()
        var problem: String?
        do {
            let response = try await request()
            problem = take(response)
        } catch let error as JWKSFetchError {
            problem = error.message
        } catch {
            problem = "\(type(of: error))"
        }
        let succeeded = problem == nil
        lastFetch = (start, succeeded)
        missing = []
        if let problem {
            nextFetch = clock.now() + retryDelay
            retryDelay = min(retryDelay * 2, options.maximumRetryDelay)
            if !Task.isCancelled { updates?.report("the key set cannot be fetched: \(problem)") }
        } else {
            retryDelay = options.retryDelay
        }
        fetch = nil
        return succeeded
    }

    private func request() async throws -> JWKSResponse {
        let (fetcher, url, tag, clock, timeout) = (fetcher, location.url, entityTag, clock, options.fetchTimeout)
        return try await withThrowingTaskGroup(of: JWKSResponse.self) { group in
            group.addTask { try await fetcher.fetch(url, ifNoneMatch: tag) }
            group.addTask {
                try await clock.sleep(timeout)
                throw JWKSFetchError("no answer within \(timeout)")
            }
            defer { group.cancelAll() }
            guard let response = try await group.next() else { throw CancellationError() }
            return response
        }
    }

    /// - Returns: what is wrong with the answer.
    private func take(_ response: JWKSResponse) -> String? {
        switch response.status {
        case 200:
            if let problem = take(response.body) { return problem }
            entityTag = response.entityTag
        case 304 where fetched != nil: break
        default: return "the answer has status \(response.status)"
        }
        fetchedAt = clock.now()
        let keep = response.maxAge.map { Duration.seconds($0) } ?? options.refreshInterval
        nextFetch = fetchedAt + min(max(keep, options.minimumRefreshInterval), options.maximumRefreshInterval)
        return nil
    }

    private func take(_ body: [UInt8]) -> String? {
        var hasher = Hasher()
        hasher.combine(body)
        let fingerprint = hasher.finalize()
        // The same set keeps its generation, and with it what is known of its tokens.
        if fetched != nil, fingerprint == self.fingerprint { return nil }
        let set: JSONWebKeySet
        do throws(KeyError) {
            set = try JSONWebKeySet(parsing: body)
        } catch {
            return error.message
        }
        guard !set.keys.isEmpty else { return "the JWK Set has no usable key" }
        guard let updates else { return "the server does not listen" }
        let keys = KeySet((own?.verification.keys ?? []) + set.keys)
        guard updates.apply(AGKeyRing(signature: own?.signature, verification: keys)) else {
            return "the keys do not fit the server's options"
        }
        retire(before: fetched, now: keys)
        fetched = keys
        self.fingerprint = fingerprint
        for skipped in set.skipped { updates.report("key \(skipped.index) of the set is not used: \(skipped.error)") }
        return nil
    }

    private func retire(before: KeySet?, now: KeySet) {
        retired.removeAll { now.contains(keyID: $0) }
        for keyID in (before?.keys ?? []).compactMap(\.keyID) where !now.contains(keyID: keyID) {
            if retired.count >= Self.maximumRetired { retired.removeFirst() }
            retired.append(keyID)
        }
    }

    /// The set is not believed any more: its tokens are neither good nor bad.
    private func dropIfStale() {
        guard let limit = options.maximumStaleAge, fetched != nil, clock.now() - fetchedAt >= limit else { return }
        fetched = nil
        fingerprint = nil
        entityTag = nil
        let keys = own?.verification ?? .pending
        updates?.apply(AGKeyRing(signature: own?.signature, verification: keys))
        updates?.report("the key set is too old to be believed")
    }
}
