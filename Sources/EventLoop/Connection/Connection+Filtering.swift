extension Connection {
    /// Puts a filter between the socket and the handler. To be called before anything was sent or received, that is, in
    /// ``ConnectionHandler/connected()``.
    /// - Parameter filter: The layer to use from now on.
    public func attach(_ filter: TransportFilter) {
        loop.assertInLoop()
        guard unsafe raw != nil, !flags.contains(.dead) else { return }
        precondition(self.filter == nil && output.count == 0, "a filter must be attached before there is output")
        self.filter = filter
        unsafe filter.attachedConnection = self
        filter.attached()
    }
}
