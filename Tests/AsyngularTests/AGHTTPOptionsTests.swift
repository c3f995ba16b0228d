import SocketProtocol
import Testing

@testable import Asyngular

/// The limits of plain HTTP.
@Suite("HTTP options")
struct AGHTTPOptionsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let set: @Sendable (inout AGHTTPOptions) -> Void

        var testDescription: String { name }
    }

    @Test(
        "Values that make no sense are refused by name",
        arguments: [
            Row(name: "idleTimeout") { $0.idleTimeout = 0 }, Row(name: "bodyTimeout") { $0.bodyTimeout = -1 },
            Row(name: "handlerTimeout") { $0.handlerTimeout = 1 << 31 },
            Row(name: "maximumBodyBytes") { $0.maximumBodyBytes = 0 },
            Row(name: "maximumPipelinedBytes") { $0.maximumPipelinedBytes = 0 },
            Row(name: "maximumRequestsPerConnection") { $0.maximumRequestsPerConnection = 0 },
            Row(name: "maximumRunningRequests") { $0.maximumRunningRequests = 0 },
        ]
    )
    func invalid(_ row: Row) {
        var options = AGServerOptions()
        row.set(&options.http)
        let error = #expect(throws: AGError.self) { try options.validate() }
        #expect(error?.message.contains("http.\(row.name)") == true)
    }
}
