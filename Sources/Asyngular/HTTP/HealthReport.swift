import HTTPTypes
import StrictJSON

/// `GET /health`: whether the server takes clients, and how many it has.
enum HealthReport {
    static func response(_ server: AGServer, isDraining: Bool) -> AGHTTPResponse {
        let report: JSONValue = [
            "status": .string(isDraining ? "draining" : "ok"),
            "clients": .integer(Int64(server.clientsCount)),
            "pendingClients": .integer(Int64(server.pendingClientsCount)),
        ]
        var response = AGHTTPResponse.json(report, status: isDraining ? .serviceUnavailable : .ok)
        response.head.headerFields[.cacheControl] = "no-store"
        return response
    }
}
