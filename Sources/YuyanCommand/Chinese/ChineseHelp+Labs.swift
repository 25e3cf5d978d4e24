import Yuyan

extension ChineseHelp {
    /// The help of the labs.
    static let labs: ChineseWords = [
        "a section of the book, as a program": "书中的一节，写成程序",
        "Run the labs: each idea of the book as a short program, with its number and picture.":
            "运行实验：书中的每个概念都是一段短程序，有数字，有图。",
        "all labs, with what the last run found": "全部实验，以及上次运行的结果",
        "one lab: text, pictures, claims": "一个实验：文字、图、结论",
        "the labs of a note": "一份笔记的全部实验", "the program": "程序本身",
        "the program as a package of your own": "把程序复制成自己的软件包",
        "List the labs by note and chapter, with what the last run found.": "按笔记和章列出实验，附上次运行的结果。",
        "Run labs, and hold what they measure against what the book says.": "运行实验，把测得的数与书中的结论对照。",
        "Print a lab's program.": "输出实验的程序。",
        "Make a small package of a lab: change a number, and run it again.": "把实验复制成一个小软件包：改一个数，再运行。",
        "One lab shows its text, tables and pictures as it runs; of several, each has a line. All leave pages of HTML, in English and Chinese. If a run of several is interrupted, the same command continues it. The command ends with an error if a claim fails.":
            "单个实验边运行边显示文字、表格和图；多个实验各显示一行。运行后都留下中英文网页。多个实验中途中断，用同一条命令接着运行。有结论不成立时，命令以错误结束。",
        "The labs.": "实验。", "All labs.": "全部实验。", "All labs of this note.": "这份笔记的全部实验。", "The lab.": "实验。",
        "All labs as tables in Markdown, with what they should give.": "以 Markdown 表格列出全部实验和应得的结果。",
        "Only the labs of this note.": "只列出这份笔记的实验。", "Folder that the labs were run in.": "运行实验时所用的文件夹。",
        "Write all results into one page as well, labs.html, which needs no other file.":
            "另把全部结果写成一个网页 labs.html，它不需要别的文件。", "Where random numbers start.": "随机数的种子。",
        "Fewer epochs, samples and seeds: what this does not check, it says.": "减少轮数、样本和种子；没有检查的结论会注明。",
        "as each lab says": "各实验自己的", "Folder for pages and pictures.": "存放网页和图的文件夹。",
        "Open the page in the browser.": "在浏览器中打开网页。", "The language: en or zh.": "语言：en 或 zh。",
        "The package depends on Yuyan: on the copy of the repository that this command was built in, or on what --package names.":
            "软件包依赖雨燕：编译这个命令的代码仓库，或 --package 指定的仓库。",
        "The new folder.": "新文件夹。", "the lab's name": "实验的名称", "the one this was built in": "编译本命令的仓库",
        "Folder or address of Yuyan's repository.": "雨燕代码仓库的文件夹或地址。",
    ]
}
