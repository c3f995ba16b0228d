import HTTPTypes
import WebSocket

/// A request that was read in part or in full and is not answered.
///
/// A class, so that a connection which becomes a WebSocket has one word less to clean up instead of all of this.
final class PendingRequest {
    /// What will be done when its body is complete.
    enum Plan {
        case run(HTTPRouter.Route, parameters: [String: String])
        case answer(AGHTTPResponse)
    }

    let head: HTTPRequestHead
    let method: HTTPRequest.Method
    let plan: Plan
    var body: [UInt8] = []

    init(head: HTTPRequestHead, method: HTTPRequest.Method, plan: Plan) {
        self.head = head
        self.method = method
        self.plan = plan
    }

    /// The pattern of its route, for logs: unlike the path it has nothing of the client's.
    var route: String {
        if case .run(let route, _) = plan { route.pattern.text } else { "" }
    }
}
