import EventLoop

/// The address shown in the ready line.
enum ReadyLine {
    static func url(of address: SocketAddress, path: String) -> String {
        switch address {
        case .ip(let host, let port): "ws://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)"
        case .unix(let socket): "ws+unix://\(socket):\(path)"
        }
    }
}
