import DequeModule
import EventLoop
import Synchronization

/// Looks names up by `getaddrinfo`, which blocks, on a few threads of its own that end when there is nothing to do.
///
/// Who asks for a name that is being looked up shares the answer: ten thousand clients of one server that come back make one
/// question. Nothing is kept longer than that: caching is the system's business, which knows how long an answer is good for.
final class NameResolver: Sendable {
    typealias Answer = Result<[SocketAddress], DialError>
    typealias Completion = @Sendable (Answer) -> Void

    private struct Question: Hashable {
        var host: String
        var port: UInt16
    }

    private struct State {
        var waiting: [Question: [Completion]] = [:]
        var queue = Deque<Question>()
        var threads = 0
    }

    /// The one of the process: 4 threads, 256 names waiting.
    static let shared = NameResolver()

    /// Addresses of one name that are tried. 16.
    static let maximumAddresses = 16

    private let maximumThreads: Int
    private let maximumNames: Int
    private let lookUp: @Sendable (String, UInt16) -> Answer
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumThreads: questions that are asked at once.
    ///   - maximumNames: names looked up and waiting together; beyond, further names fail at once.
    ///   - lookUp: asks the system; may block.
    init(
        maximumThreads: Int = 4,
        maximumNames: Int = 256,
        lookUp: @escaping @Sendable (String, UInt16) -> Answer = SystemNames.lookUp
    ) {
        self.maximumThreads = maximumThreads
        self.maximumNames = maximumNames
        self.lookUp = lookUp
    }

    /// Names looked up or waiting to be.
    var pendingNames: Int { state.withLock { $0.waiting.count } }

    /// - Parameter completion: called once, on any thread; not from within this call unless there are too many names.
    func resolve(_ host: String, port: UInt16, _ completion: @escaping Completion) {
        let question = Question(host: host, port: port)
        let (isRefused, needsThread) = state.withLock { state -> (Bool, Bool) in
            if state.waiting[question] != nil {
                state.waiting[question]?.append(completion)
                return (false, false)
            }
            guard state.waiting.count < maximumNames else { return (true, false) }
            state.waiting[question] = [completion]
            state.queue.append(question)
            guard state.threads < maximumThreads else { return (false, false) }
            state.threads += 1
            return (false, true)
        }
        if isRefused {
            completion(.failure(DialError(.nameNotResolved, "Too many names are being looked up")))
        } else if needsThread, !BlockingThread.run(name: "names", { self.work() }) {
            threadFailed()
        }
    }

    /// What a thread does until there is nothing left.
    private func work() {
        while true {
            let question = state.withLock { state -> Question? in
                if let question = state.queue.popFirst() { return question }
                state.threads -= 1
                return nil
            }
            guard let question else { return }
            answer(question, lookUp(question.host, question.port))
        }
    }

    private func answer(_ question: Question, _ answer: Answer) {
        let completions = state.withLock { $0.waiting.removeValue(forKey: question) }
        for completion in completions ?? [] { completion(answer) }
    }

    /// The system has no thread: whoever waits for one is told, if no other thread will come to it.
    private func threadFailed() {
        let stranded = state.withLock { state -> [Question] in
            state.threads -= 1
            guard state.threads == 0 else { return [] }
            defer { state.queue = [] }
            return Array(state.queue)
        }
        let error = DialError(.nameNotResolved, "There is no thread to look names up with")
        for question in stranded { answer(question, .failure(error)) }
    }
}
