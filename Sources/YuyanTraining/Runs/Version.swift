/// The version of Yuyan that this is, which runs keep.
public let currentYuyanVersion = "0.2.0"
