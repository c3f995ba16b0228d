import StrictJSON
import WebSocket

/// `GET /health`: whether the server takes clients, and how many it has.
struct HealthReport {
    private let body: [UInt8]
    private let status: Int

    init(_ server: AGServer, isDraining: Bool) {
        let report: JSONValue = [
            "status": .string(isDraining ? "draining" : "ok"),
            "clients": .integer(Int64(server.clientsCount)),
            "pendingClients": .integer(Int64(server.pendingClientsCount)),
        ]
        body = report.serialized()
        status = isDraining ? 503 : 200
    }

    func response(omitsBody: Bool) -> [UInt8] {
        let response = HTTPResponse.serialize(
            status: status,
            headers: [
                HTTPHeaderField(name: "Connection", value: "close"),
                HTTPHeaderField(name: "Content-Type", value: "application/json"),
                HTTPHeaderField(name: "Cache-Control", value: "no-store"),
            ],
            body: body
        )
        return omitsBody ? Array(response.dropLast(body.count)) : response
    }
}
