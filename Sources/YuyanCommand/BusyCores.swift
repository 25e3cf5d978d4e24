import Yuyan

/// What is said where the cores are too few for the threads, so that speeds are not those of the machine.
enum BusyCores {
    /// For a training; nil if nothing holds the threads up. Both notices measure for up to 50 ms.
    static var trainingNotice: String? {
        switch reason {
        case .threads(let text, let cores): "\(text): --threads \(cores) may be faster"
        case .programs(let text): "\(text): training is slower than on a quiet machine"
        case nil: nil
        }
    }

    /// For numbers that follow.
    static var benchNotice: String? {
        switch reason {
        case .threads(let text, _): "\(text): the figures say little about the machine"
        case .programs(let text):
            "\(text): speeds are lower than on a quiet machine,\nand the figures say little about it"
        case nil: nil
        }
    }

    private enum Reason {
        case threads(String, cores: Int)
        case programs(String)
    }

    private static var reason: Reason? {
        let (threads, cores) = (ComputeThreads.count, Machine.availableCores)
        if Device.current == .reference { return nil }
        if threads > cores {
            return .threads("\(threads) threads share \(cores) core\(cores == 1 ? "" : "s")", cores: cores)
        }
        return ComputeThreads.areHeldUp ? .programs("other programs keep the cores busy") : nil
    }
}
