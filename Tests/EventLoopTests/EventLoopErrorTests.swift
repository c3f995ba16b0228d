import Testing

@testable import EventLoop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite
struct EventLoopErrorTests {
    @Test(
        "error numbers have codes",
        arguments: [
            (EADDRINUSE, .addressInUse), (EADDRNOTAVAIL, .addressNotAvailable), (EACCES, .permissionDenied),
            (EPERM, .permissionDenied), (EMFILE, .tooManyOpenFiles), (ENFILE, .tooManyOpenFiles),
            (ECONNRESET, .connectionReset), (EPIPE, .brokenPipe), (ECONNREFUSED, .connectionRefused),
            (ETIMEDOUT, .timedOut), (EINVAL, .invalidAddress), (ENOMEM, .outOfMemory), (ESHUTDOWN, .shutDown),
            (EIO, .io),
        ] as [(Int32, EventLoopError.Code)]
    )
    func codes(errno: Int32, code: EventLoopError.Code) {
        #expect(EventLoopError(errno: errno, operation: "x").code == code)
    }

    @Test("the text names operation, code and error number")
    func text() {
        let error = EventLoopError(errno: EADDRINUSE, operation: "listen on 127.0.0.1:80")
        #expect(String(describing: error) == "listen on 127.0.0.1:80: addressInUse (EADDRINUSE)")
        #expect(String(describing: EventLoopError(code: .shutDown, operation: "connect")) == "connect: shutDown")
    }

    @Test(
        "addresses have texts",
        arguments: [
            (.ip(host: "127.0.0.1", port: 80), "127.0.0.1:80"), (.ip(host: "::1", port: 80), "[::1]:80"),
            (.unix(path: "/run/x"), "unix:/run/x"),
        ] as [(SocketAddress, String)]
    )
    func addresses(address: SocketAddress, text: String) {
        #expect(address.description == text)
    }
}
