import EventLoop
import HTTPTypes
import Logging
import WebSocket

/// What goes out.
extension HTTPHandler {
    /// Answers the pending request and goes on to the next one, or closes.
    ///
    /// - Parameter closes: whether this is the last answer for a reason that the request does not tell.
    func respond(_ response: AGHTTPResponse, closes: Bool = false) {
        guard let pending else { return }
        self.pending = nil
        let options = context.settings.options.http
        let isLast =
            closes || context.isDraining || !pending.head.isKeepAlive
            || requests >= options.maximumRequestsPerConnection
        write(response, to: pending, isLast: isLast)
        guard !isLast else {
            close()
            return
        }
        reader.beginNextRequest()
        if connection?.isWritable == true {
            state = .reading
            setDeadline(.head, options.idleTimeout)
            resume()
        } else {
            state = .flushing
            unacknowledged = connection?.unacknowledgedBytes() ?? 0
            setDeadline(.flush, options.idleTimeout)
        }
    }

    private func write(_ response: AGHTTPResponse, to pending: PendingRequest, isLast: Bool) {
        var response = response
        if !(200...599).contains(response.head.status.code) {
            context.server.logger.error(
                "A route's handler answered with a status that is none",
                metadata: ["route": "\(pending.route)", "status": "\(response.head.status.code)"]
            )
            response = AGHTTPResponse(HTTPError(status: 500))
        }
        let status = response.head.status
        context.settings.options.http.cors?.decorate(
            &response.head.headerFields,
            origin: pending.head.header("origin")
        )
        let head = HTTPResponseWriter.head(
            status: status.code,
            reason: status.reasonPhrase,
            headers: response.head.headerFields.map { HTTPHeaderField(name: $0.name.rawName, value: $0.value) },
            contentLength: response.body.count,
            persistence: isLast ? .close : pending.head.version >= .http11 ? .implied : .keepAlive,
            date: context.wallClock() / 1000
        )
        connection?.write(head.rawBytes)
        if pending.method != .head, HTTPResponseWriter.hasBody(status.code) {
            connection?.write(response.body.rawBytes)
        }
    }

    /// Refuses the request that is arriving, in the form of contract §1, and closes: where another one would begin is not
    /// known.
    func refuse(_ error: HTTPError) {
        guard state != .closing else { return }
        if pending != nil {
            respond(AGHTTPResponse(error), closes: true)
        } else {
            connection?.write(error.response().rawBytes)
            close()
        }
    }

    // MARK: Slow clients

    /// The client took what there was.
    func flushed() {
        guard state == .flushing else { return }
        state = .reading
        setDeadline(.head, context.settings.options.http.idleTimeout)
        resume()
    }

    /// A client that took something in the time gets more of it.
    func flushExpired() {
        guard state == .flushing, let connection else { return }
        let now = connection.unacknowledgedBytes()
        if now < unacknowledged {
            unacknowledged = now
            setDeadline(.flush, context.settings.options.http.idleTimeout)
        } else {
            connection.abort()
        }
    }
}
