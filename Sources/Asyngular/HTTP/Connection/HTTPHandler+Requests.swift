import EventLoop
import HTTPTypes
import Logging
import SocketProtocol
import WebSocket

/// What becomes of a request.
extension HTTPHandler {
    /// A head is complete.
    func begin(_ head: HTTPRequestHead) throws(HTTPError) {
        requests += 1
        switch WebSocketUpgrade.evaluate(head) {
        case .rejected(let error): throw counted(error)
        case .accept(let upgrade):
            do throws(HTTPError) {
                try accept(upgrade, head)
            } catch {
                throw counted(error)
            }
        case .notUpgrade: try admit(head)
        }
    }

    private func counted(_ error: HTTPError) -> HTTPError {
        context.server.metrics.upgradeRefused(status: error.status)
        return error
    }

    /// Decides what will be done, and whether the body is read.
    private func admit(_ head: HTTPRequestHead) throws(HTTPError) {
        guard let method = HTTPRequest.Method(rawValue: head.method) else { throw HTTPError(status: 400) }
        if head.isPath(context.settings.options.path) {
            if method == .get { throw WebSocketUpgrade.upgradeRequired }
            throw HTTPError(
                status: 405,
                message: method == .head ? "" : "Invalid HTTP method",
                headers: [HTTPHeaderField(name: "Allow", value: "GET")]
            )
        }
        let plan = plan(for: method, head)
        pending = PendingRequest(head: head, method: method, plan: plan)
        guard case .run(let route, _) = plan else {
            // The answer is known. A body that nobody wants is not read, and then this is the last request.
            if head.hasBody {
                answer(closes: true)
            } else {
                try reader.readBody(limits: .init(maximumBodyBytes: 0))
            }
            return
        }
        var limits = HTTPBodyDecoder.Limits()
        limits.maximumBodyBytes = route.maximumBodyBytes ?? context.settings.options.http.maximumBodyBytes
        try reader.readBody(limits: limits)
        guard head.hasBody else { return }
        setDeadline(.body, context.settings.options.http.bodyTimeout)
        if head.version >= .http11, head.hasToken("100-continue", in: "expect") {
            let interim = HTTPResponseWriter.continueResponse
            connection?.write(interim.rawBytes)
        }
    }

    private func plan(for method: HTTPRequest.Method, _ head: HTTPRequestHead) -> PendingRequest.Plan {
        // RFC 9110 §10.1.1: there is one expectation, and an older client has none.
        if head.version >= .http11, let expectation = head.header("expect"),
            expectation.lowercased() != "100-continue"
        {
            return .answer(AGHTTPResponse(HTTPError(status: 417)))
        }
        let path = head.path
        if method == .options, let answer = optionsAnswer(path, head) { return .answer(answer) }
        switch context.router.match(method, path) {
        case .route(let route, let parameters): return .run(route, parameters: parameters)
        case .otherMethods(let methods): return .answer(Self.methodNotAllowed(methods))
        case .none:
            guard path == "/health" else { return .answer(AGHTTPResponse(HTTPError(status: 404))) }
            guard method == .get || method == .head else { return .answer(Self.methodNotAllowed([.get, .head])) }
            return .answer(HealthReport.response(context.server, isDraining: context.isDraining))
        }
    }

    /// The answer to a CORS preflight, or what a path can be asked with; nil if there is a route for `OPTIONS`, or no path.
    private func optionsAnswer(_ path: String, _ head: HTTPRequestHead) -> AGHTTPResponse? {
        if path == "*" { return AGHTTPResponse(status: .noContent) }
        var methods = context.router.methods(of: path)
        if methods.isEmpty, path == "/health" { methods = [.get, .head] }
        guard !methods.isEmpty else { return nil }
        if let cors = context.settings.options.http.cors, let origin = head.header("origin"),
            head.header("access-control-request-method") != nil
        {
            return cors.preflight(origin: origin, methods: methods)
        }
        if case .route = context.router.match(.options, path) { return nil }
        var response = AGHTTPResponse(status: .noContent)
        response.head.headerFields[.allow] = Self.list(methods)
        return response
    }

    private static func methodNotAllowed(_ methods: [HTTPRequest.Method]) -> AGHTTPResponse {
        AGHTTPResponse(HTTPError(status: 405, headers: [HTTPHeaderField(name: "Allow", value: list(methods))]))
    }

    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        methods.map { $0.rawValue }.joined(separator: ", ")
    }

    /// A request has come in full.
    func complete() {
        guard let pending else { return }
        switch pending.plan {
        case .answer: answer(closes: false)
        case .run(let route, let parameters): run(route, parameters, pending)
        }
    }

    private func answer(closes: Bool) {
        guard case .answer(let response)? = pending?.plan else { return }
        respond(response, closes: closes)
    }

    // MARK: Handlers

    private func run(_ route: HTTPRouter.Route, _ parameters: [String: String], _ pending: PendingRequest) {
        let options = context.settings.options.http
        guard context.runningRequests < options.maximumRunningRequests else {
            var response = AGHTTPResponse(HTTPError(status: 503))
            response.head.headerFields[.retryAfter] = "1"
            respond(response)
            return
        }
        context.runningRequests += 1
        state = .waiting
        ticket &+= 1
        setDeadline(.handler, options.handlerTimeout)
        let request = AGHTTPRequest(
            pending.head,
            method: pending.method,
            parameters: parameters,
            body: pending.body,
            remoteAddress: connection?.remoteAddress()
        )
        // The handler has it now; a copy kept here would double a large body.
        pending.body = []
        task = Task(executorPreference: context.loop.taskExecutor) { [self, ticket] in
            let response = await Self.outcome(of: route, request, context.server)
            if context.loop.isInEventLoop {
                handlerEnded(ticket, response)
            } else {
                context.loop.execute { self.handlerEnded(ticket, response) }
            }
        }
    }

    private static func outcome(
        of route: HTTPRouter.Route,
        _ request: AGHTTPRequest,
        _ server: AGServer
    ) async -> AGHTTPResponse {
        do {
            return try await route.handler(request)
        } catch let error as AGHTTPError {
            return AGHTTPResponse(error)
        } catch {
            if !(error is CancellationError) {
                // Its kind only: what a program puts into an error's text may be a secret.
                server.logger.error(
                    "A route's handler failed",
                    metadata: ["route": "\(route.pattern.text)", "error": "\(type(of: error))"]
                )
            }
            return AGHTTPResponse(HTTPError(status: 500))
        }
    }

    private func handlerEnded(_ ticket: UInt64, _ response: AGHTTPResponse) {
        context.runningRequests -= 1
        guard ticket == self.ticket, state == .waiting else { return }
        task = nil
        respond(response)
    }

    func handlerExpired() {
        guard state == .waiting else { return }
        abandonTask()
        respond(AGHTTPResponse(HTTPError(status: 503)), closes: true)
    }
}
