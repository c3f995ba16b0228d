import Foundation
import Synchronization

/// Another program, started with `posix_spawn`. (Foundation's `Process` reads past a directory entry when it starts a
/// child, which AddressSanitizer does not forgive.)
final class ChildProcess: Sendable {
    let identifier: Int32
    private let state = Mutex(State())

    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private init(identifier: Int32) {
        self.identifier = identifier
    }

    /// Starts the program; its standard streams are these descriptors, of which it gets copies.
    static func start(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String],
        input: Int32,
        output: Int32,
        errors: Int32
    ) throws -> ChildProcess {
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var argumentVector = unsafe ([executable.path] + arguments).map { unsafe strdup($0) } + [nil]
        var environmentVector = unsafe merged.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer {
            for index in unsafe argumentVector.indices { unsafe free(argumentVector[index]) }
            for index in unsafe environmentVector.indices { unsafe free(environmentVector[index]) }
        }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, target)
        }
        // The calling thread may block signals, which a program that nobody could end would inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var nothing = sigset_t()
        unsafe sigemptyset(&nothing)
        unsafe posix_spawnattr_setsigmask(&attributes, &nothing)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var identifier: Int32 = 0
        let failure = unsafe posix_spawn(
            &identifier,
            executable.path,
            &actions,
            &attributes,
            &argumentVector,
            &environmentVector
        )
        guard failure == 0 else {
            throw NotStarted(description: "\(executable.path) does not start: error \(failure)")
        }
        let child = ChildProcess(identifier: identifier)
        // `waitpid` blocks, so it has a thread of its own and not one of the test runner's.
        Thread.detachNewThread { child.waitForEnd() }
        return child
    }

    /// The exit status once the program has ended: its own, or 128 and the signal's number.
    func exitStatus() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Sends a signal to this process, unless it has ended.
    func signal(_ number: Int32) {
        state.withLock { state in
            // Under the lock: until the status is taken, the identifier cannot belong to another process.
            if state.status == nil { kill(identifier, number) }
        }
    }

    private func waitForEnd() {
        // Without reaping, so that the identifier stays ours until the status is set.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let waiters = state.withLock { state in
            var status: Int32 = 0
            while unsafe waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
            let isExit = status & 0x7F == 0
            state.status = isExit ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            defer { state.waiters = [] }
            return state.waiters
        }
        if let status = state.withLock({ $0.status }) {
            for waiter in waiters { waiter.resume(returning: status) }
        }
    }
}

/// A program could not be started.
struct NotStarted: Error, CustomStringConvertible {
    let description: String
}
