import Yuyan

/// What is said where the cores are too few for the threads, so that speeds are not those of the machine.
enum BusyCores {
    /// For a training; nil if nothing holds the threads up. Both notices measure for up to 50 ms.
    static var trainingNotice: String? {
        switch reason {
        case .threads(let text, let cores): localized("\(text): --threads \(cores) may be faster")
        case .programs(let text): localized("\(text): training is slower than on a quiet machine")
        case nil: nil
        }
    }

    /// For numbers that follow.
    static var benchNotice: String? {
        switch reason {
        case .threads(let text, _): localized("\(text): the figures say little about the machine")
        case .programs(let text):
            localized("\(text): speeds are lower than on a quiet machine,\nand the figures say little about it")
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
            let text =
                cores == 1
                ? localized("\(threads) threads share 1 core") : localized("\(threads) threads share \(cores) cores")
            return .threads(text, cores: cores)
        }
        return ComputeThreads.areHeldUp ? .programs(localized("other programs keep the cores busy")) : nil
    }
}
