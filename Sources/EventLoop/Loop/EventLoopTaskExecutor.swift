/// Runs tasks on a loop's thread, as a task executor preference.
///
/// A type of its own: a serial executor that is a task executor as well makes the runtime take slow paths.
public final class EventLoopTaskExecutor: TaskExecutor {
    private unowned let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// Enqueues a job on the loop.
    /// - Parameter job: The job to run.
    public func enqueue(_ job: consuming ExecutorJob) {
        loop.submit(.task(UnownedJob(job)))
    }
}
