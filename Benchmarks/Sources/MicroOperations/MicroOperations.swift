public enum MicroOperations {}
