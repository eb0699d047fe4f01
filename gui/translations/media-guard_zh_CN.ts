<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>Application</name>
    <message>
        <source>The medium is not plugged in any more. Plug it in again and ask then.</source>
        <translation>介质已不在接口上，请重新插入后再申请。</translation>
    </message>
    <message>
        <source>You can pull {0} out now</source>
        <translation>现在可以拔出{0}</translation>
    </message>
    <message>
        <source>Everything is written to it.</source>
        <translation>数据已全部写入。</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>No medium is registered on this computer yet. It takes a minute, step by step.</source>
        <translation>本机还没有登记任何介质。按步骤操作，一分钟即可完成。</translation>
    </message>
    <message>
        <source>Register your first medium?</source>
        <translation>登记第一个介质？</translation>
    </message>
</context>
<context>
    <name>BeginDialog</name>
    <message>
        <source>Begin an inventory</source>
        <translation>发起清查</translation>
    </message>
    <message>
        <source>all levels</source>
        <translation>所有密级</translation>
    </message>
    <message>
        <source>{0} and above</source>
        <translation>{0}及以上</translation>
    </message>
    <message>
        <source>&amp;Title</source>
        <translation>名称(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Until</source>
        <translation>截止(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Department</source>
        <translation>部门(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Level</source>
        <translation>密级(&amp;L)</translation>
    </message>
    <message>
        <source>What is not seen by then is refused until somebody who may decide ticks it off.</source>
        <translation>到期仍未清点的介质将被拒绝接入，直至有权人员当面核对。</translation>
    </message>
</context>
<context>
    <name>ClearDialog</name>
    <message>
        <source>{0}: clear it</source>
        <translation>{0}：清除</translation>
    </message>
    <message>
        <source>overwrite all of it</source>
        <translation>覆写全部内容</translation>
    </message>
    <message>
        <source>destroy its keys (everything on it was always encrypted)</source>
        <translation>销毁密钥（其内容始终加密）</translation>
    </message>
    <message>
        <source>&amp;Clear it</source>
        <translation>清除(&amp;C)</translation>
    </message>
    <message>
        <source>Id: {0}</source>
        <translation>标识：{0}</translation>
    </message>
    <message>
        <source>Proposed by {0}, confirmed by {1}: {2}</source>
        <translation>提出人 {0}，确认人 {1}：{2}</translation>
    </message>
    <message>
        <source>&amp;How</source>
        <translation>方式(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Number on its sticker</source>
        <translation>标签上的编号(&amp;N)</translation>
    </message>
    <message>
        <source>⚠ Everything on the medium will be lost. Look at its sticker first.</source>
        <translation>⚠ 介质上的内容将全部丢失，请先核对标签。</translation>
    </message>
    <message>
        <source>Leave it plugged in. It goes on when this window is closed.</source>
        <translation>请勿拔出。关闭本窗口后清除仍会继续。</translation>
    </message>
    <message>
        <source>overwriting: %p %</source>
        <translation>正在覆写：%p %</translation>
    </message>
    <message>
        <source>reading back: %p %</source>
        <translation>正在回读核对：%p %</translation>
    </message>
    <message>
        <source>{0} is cleared: header and key slots of its volumes ({1} bytes) overwritten and read back.</source>
        <translation>{0} 已清除：加密卷的头部和密钥槽（{1} 字节）已覆写并回读核对。</translation>
    </message>
    <message>
        <source>{0} is cleared: {1} bytes overwritten and read back.</source>
        <translation>{0} 已清除：覆写并回读核对 {1} 字节。</translation>
    </message>
    <message>
        <source>A copy of the header elsewhere would open it again.</source>
        <translation>若别处留有头部备份，仍可解开。</translation>
    </message>
    <message>
        <source>This is Clear, not Purge: flash keeps blocks that nobody can overwrite.</source>
        <translation>这是清除而不是净化：闪存中仍有无法覆写的块。</translation>
    </message>
    <message>
        <source>It was told to let go of all its blocks; what it did with them cannot be checked.</source>
        <translation>已通知介质释放全部块，其内部如何处理无法核对。</translation>
    </message>
    <message>
        <source>It cannot be told to let go of its blocks.</source>
        <translation>介质不支持释放块。</translation>
    </message>
</context>
<context>
    <name>ConsoleWindow</name>
    <message>
        <source>Console</source>
        <translation>控制台</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>申请</translation>
    </message>
    <message>
        <source>Media</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>Crossings</source>
        <translation>跨网</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>审计日志</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>运行状况</translation>
    </message>
    <message>
        <source>Holders</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Two people</source>
        <translation>双人事项</translation>
    </message>
    <message>
        <source>Inventories</source>
        <translation>清查</translation>
    </message>
    <message>
        <source>Reviews</source>
        <translation>到期审查</translation>
    </message>
    <message>
        <source>This week</source>
        <translation>本周</translation>
    </message>
    <message>
        <source>You see only what is your own. Admins and auditors unlock the rest with their password.</source>
        <translation>现在只显示与您本人有关的内容，管理员和审计员可输入口令查看全部。</translation>
    </message>
    <message>
        <source>&amp;Unlock…</source>
        <translation>解锁(&amp;U)…</translation>
    </message>
    <message numerus="yes">
        <source>Requests (%n)</source>
        <translation>
            <numerusform>申请（%n）</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CrossingsPage</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来自</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到达</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>密级</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>方向</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>裁决</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>程度</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Known from</source>
        <translation>得知方式</translation>
    </message>
    <message>
        <source>Crossings</source>
        <translation>跨网</translation>
    </message>
    <message>
        <source>&amp;Whole picture</source>
        <translation>显示全图(&amp;W)</translation>
    </message>
    <message numerus="yes">
        <source>The newest %n crossings; an export has all of them.</source>
        <translation>
            <numerusform>最新 %n 次跨网；导出时包含全部。</numerusform>
        </translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>The report is being made…</source>
        <translation>正在生成报告……</translation>
    </message>
    <message>
        <source>The report is {0}. Anybody can check it: mediaguardctl report verify.</source>
        <translation>报告已写入 {0}。任何人都可核验：mediaguardctl report verify。</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>Only auditors and admins see this.</source>
        <translation>只有审计员和管理员可以查看。</translation>
    </message>
    <message numerus="yes">
        <source>%n crossing(s)</source>
        <translation>
            <numerusform>跨网 %n 次</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DisposalDialog</name>
    <message>
        <source>{0}: dispose of it</source>
        <translation>{0}：处置</translation>
    </message>
    <message>
        <source>I do not know</source>
        <translation>不清楚</translation>
    </message>
    <message>
        <source>Flash: a stick, a card, an SSD</source>
        <translation>闪存：优盘、存储卡、固态盘</translation>
    </message>
    <message>
        <source>Magnetic: a hard disk</source>
        <translation>磁介质：机械硬盘</translation>
    </message>
    <message>
        <source>&amp;Everything on it was always encrypted (LUKS)</source>
        <translation>全部内容始终加密（LUKS）(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;What it stores with</source>
        <translation>存储类型(&amp;W)</translation>
    </message>
    <message>
        <source>Wh&amp;y</source>
        <translation>事由(&amp;Y)</translation>
    </message>
    <message>
        <source>&amp;Form number</source>
        <translation>单据号(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Propose it</source>
        <translation>提议(&amp;P)</translation>
    </message>
    <message>
        <source>Another admin confirms it before anything is done.</source>
        <translation>须由另一名管理员确认后才会执行。</translation>
    </message>
    <message>
        <source>overwrite all of it</source>
        <translation>全盘覆写</translation>
    </message>
    <message>
        <source>destroy its keys</source>
        <translation>销毁密钥</translation>
    </message>
    <message>
        <source>destroy the thing itself</source>
        <translation>物理销毁</translation>
    </message>
    <message>
        <source>{0} (recommended)</source>
        <translation>{0}（推荐）</translation>
    </message>
</context>
<context>
    <name>EntriesModel</name>
    <message>
        <source>No.</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>Export</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>{0} cannot be written ({1}). Choose another folder.</source>
        <translation>无法写入 {0}（{1}），请另选文件夹。</translation>
    </message>
</context>
<context>
    <name>FilesDialog</name>
    <message>
        <source>Files of {0}</source>
        <translation>{0} 的文件</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>What</source>
        <translation>情况</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation>可疑之处</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Modified</source>
        <translation>修改时间</translation>
    </message>
    <message>
        <source>Search file…</source>
        <translation>搜索文件…</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Asking the guard…</source>
        <translation>正在询问……</translation>
    </message>
    <message>
        <source>Nothing is known of the files of this visit.</source>
        <translation>此次接入的文件情况未知。</translation>
    </message>
    <message>
        <source>There is no change to show.</source>
        <translation>没有变化。</translation>
    </message>
</context>
<context>
    <name>Filing</name>
    <message>
        <source>mediaguardctl was not found. Install the package media-guard on this computer.</source>
        <translation>未找到 mediaguardctl，请在本机安装 media-guard 软件包。</translation>
    </message>
    <message>
        <source>The report could not be made.</source>
        <translation>无法生成报告。</translation>
    </message>
    <message>
        <source>{0} cannot be written ({1}). Choose another folder.</source>
        <translation>无法写入 {0}（{1}），请另选文件夹。</translation>
    </message>
</context>
<context>
    <name>FirstMedium</name>
    <message>
        <source>Your first medium</source>
        <translation>登记第一个介质</translation>
    </message>
    <message>
        <source>&amp;Register this medium</source>
        <translation>登记此介质(&amp;R)</translation>
    </message>
    <message>
        <source>1. Plug in the stick that you want to register</source>
        <translation>1. 请插入要登记的 U 盘</translation>
    </message>
    <message>
        <source>Take one that is empty or whose files you know. It is read, and nothing on it is opened or changed.</source>
        <translation>请选用空盘或您了解其内容的 U 盘。此时只读取标签位置，不打开也不改动任何文件。</translation>
    </message>
    <message>
        <source>2. Say what it is for</source>
        <translation>2. 填写用途</translation>
    </message>
    <message>
        <source>This is plugged in: {0}</source>
        <translation>已插入：{0}</translation>
    </message>
    <message>
        <source>3. Done</source>
        <translation>3. 完成</translation>
    </message>
    <message>
        <source>The medium is {0}. It opens by itself on computers of its networks; everywhere else it is refused.</source>
        <translation>介质：{0}。在所属网络的计算机上自动放行，在其他地方一律拒绝。</translation>
    </message>
</context>
<context>
    <name>GrantForm</name>
    <message>
        <source>Networks where it may be written</source>
        <translation>允许写入的网络</translation>
    </message>
    <message>
        <source>next free number</source>
        <translation>自动编号</translation>
    </message>
    <message>
        <source>On hi&amp;gher networks it may be read (one-way import)</source>
        <translation>允许在更高密级网络上只读（单向导入）(&amp;G)</translation>
    </message>
    <message>
        <source>Never &amp;writable: read only everywhere</source>
        <translation>一律只读，任何地方都不可写(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Initialize: erase everything on it and make it anew</source>
        <translation>初始化：清空全部内容并重新制作(&amp;I)</translation>
    </message>
    <message>
        <source>⚠ Everything on the medium will be lost. Type ERASE to allow it:</source>
        <translation>⚠ 介质上的全部内容将丢失。确认请输入 ERASE：</translation>
    </message>
    <message>
        <source>Type ERASE</source>
        <translation>输入 ERASE</translation>
    </message>
    <message>
        <source>&amp;Level</source>
        <translation>密级(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Networks</source>
        <translation>网络(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Holder</source>
        <translation>持有人(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Term</source>
        <translation>期限(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Kind</source>
        <translation>用途类别(&amp;K)</translation>
    </message>
    <message>
        <source>N&amp;umber</source>
        <translation>编号(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;File system</source>
        <translation>文件系统(&amp;F)</translation>
    </message>
</context>
<context>
    <name>HealthPage</name>
    <message>
        <source>This computer</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>Network: {0}</source>
        <translation>网络：{0}</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>real USB</source>
        <translation>真实 USB</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>Scheme of levels</source>
        <translation>密级体系</translation>
    </message>
    <message>
        <source>Ports</source>
        <translation>接口</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Settings in force</source>
        <translation>生效的设置</translation>
    </message>
</context>
<context>
    <name>HoldersPage</name>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>Clearance</source>
        <translation>涉密等级</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Media</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>密级</translation>
    </message>
    <message>
        <source>Offered to</source>
        <translation>接收人</translation>
    </message>
    <message>
        <source>Holders</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>What they answer for</source>
        <translation>名下介质</translation>
    </message>
    <message>
        <source>&amp;Leaves…</source>
        <translation>离岗(&amp;L)…</translation>
    </message>
    <message>
        <source>S&amp;tays…</source>
        <translation>留任(&amp;T)…</translation>
    </message>
    <message>
        <source>Sign &amp;off…</source>
        <translation>签字办结(&amp;O)…</translation>
    </message>
    <message>
        <source>Choose somebody to see what they answer for.</source>
        <translation>选择一人，查看其名下介质。</translation>
    </message>
    <message numerus="yes">
        <source>%n medium(s) are refused until each was given back, accepted by somebody else or cleared.</source>
        <translation>
            <numerusform>%n 个介质停止使用，须逐个收回、由他人签收或清除。</numerusform>
        </translation>
    </message>
    <message>
        <source>Everything is settled. Another admin signs for it.</source>
        <translation>已全部处理完毕，由另一位管理员签字办结。</translation>
    </message>
    <message>
        <source>What {0} answers for</source>
        <translation>{0} 名下的介质</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>事由？</translation>
    </message>
</context>
<context>
    <name>InventoriesPage</name>
    <message>
        <source>Inventory</source>
        <translation>清查</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>截止</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>密级</translation>
    </message>
    <message>
        <source>Seen</source>
        <translation>已查</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>未查</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>责任人</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Inventories</source>
        <translation>清查</translation>
    </message>
    <message>
        <source>What is missing</source>
        <translation>未清点的介质</translation>
    </message>
    <message>
        <source>Code of a sticker</source>
        <translation>标签代码</translation>
    </message>
    <message>
        <source>Scan a sticker, or type a number and press Enter</source>
        <translation>扫描标签，或输入编号后按回车</translation>
    </message>
    <message>
        <source>&amp;Begin…</source>
        <translation>发起(&amp;B)…</translation>
    </message>
    <message>
        <source>&amp;Close…</source>
        <translation>结束(&amp;C)…</translation>
    </message>
    <message>
        <source>Call &amp;off…</source>
        <translation>撤销(&amp;O)…</translation>
    </message>
    <message>
        <source>Choose an inventory to see what is missing and who has it.</source>
        <translation>选择一次清查，查看哪些介质未清点、在谁手中。</translation>
    </message>
    <message numerus="yes">
        <source>%n medium(s) missing from “{0}”</source>
        <translation>
            <numerusform>“{0}”中有 %n 个介质未清点</numerusform>
        </translation>
    </message>
    <message>
        <source>{0} ({1}) is counted: {2}</source>
        <translation>{0}（{1}）已清点：{2}</translation>
    </message>
    <message>
        <source>{0} ({1}): nothing waits for it</source>
        <translation>{0}（{1}）：目前没有清查需要它</translation>
    </message>
    <message>
        <source>By the register it is {0}: keep it.</source>
        <translation>台账记载它{0}，请扣留。</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>原因？</translation>
    </message>
</context>
<context>
    <name>JournalPage</name>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>all kinds</source>
        <translation>全部类别</translation>
    </message>
    <message>
        <source>Id of a visit, medium or request</source>
        <translation>接入、介质或申请的标识</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>&amp;Verify</source>
        <translation>校验(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>审计日志</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Only auditors and admins see this.</source>
        <translation>只有审计员和管理员可以查看。</translation>
    </message>
    <message numerus="yes">
        <source>The journal is whole: %n entries.</source>
        <translation>
            <numerusform>审计日志完整：%n 条。</numerusform>
        </translation>
    </message>
    <message>
        <source>The journal is broken at entry {0} ({1}). Keep the file as it is and call the auditor.</source>
        <translation>审计日志在第 {0} 条断开（{1}）。请保持文件原样并通知审计员。</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>内容</translation>
    </message>
</context>
<context>
    <name>Lanes</name>
    <message>
        <source>Crossings between networks over time</source>
        <translation>各网络之间的跨网时间图</translation>
    </message>
    <message>
        <source>No medium has gone from one network to another.</source>
        <translation>没有介质跨越网络。</translation>
    </message>
</context>
<context>
    <name>LifeList</name>
    <message>
        <source>No step is on record.</source>
        <translation>没有办理记录。</translation>
    </message>
    <message>
        <source>to {0}</source>
        <translation>交 {0}</translation>
    </message>
    <message>
        <source>until {0}</source>
        <translation>至 {0}</translation>
    </message>
    <message>
        <source>approved by {0}</source>
        <translation>批准人 {0}</translation>
    </message>
    <message>
        <source>form {0}</source>
        <translation>单据号 {0}</translation>
    </message>
    <message>
        <source>by {0}</source>
        <translation>经办人 {0}</translation>
    </message>
</context>
<context>
    <name>Looks</name>
    <message>
        <source>The guard is not running, so nothing was done. Try again when it is back.</source>
        <translation>防护程序未运行，未执行任何操作，恢复后请重试。</translation>
    </message>
</context>
<context>
    <name>MarkList</name>
    <message>
        <source>It has had no mark.</source>
        <translation>没有标志记录。</translation>
    </message>
    <message>
        <source>since {0}</source>
        <translation>{0} 起</translation>
    </message>
    <message>
        <source>cancelled on {0}</source>
        <translation>{0} 注销</translation>
    </message>
    <message>
        <source>ends on {0}</source>
        <translation>{0} 届满</translation>
    </message>
    <message>
        <source>by {0}</source>
        <translation>经办人 {0}</translation>
    </message>
</context>
<context>
    <name>MediaPage</name>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>密级</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>在位</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Expires</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Search number, holder, network…</source>
        <translation>搜索编号、持有人、网络…</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>all states</source>
        <translation>全部状态</translation>
    </message>
    <message>
        <source>&amp;First medium…</source>
        <translation>第一个介质(&amp;F)…</translation>
    </message>
    <message>
        <source>Media</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>No medium is registered yet. “First medium” shows how, step by step.</source>
        <translation>还没有登记任何介质。点击“第一个介质”，按步骤完成登记。</translation>
    </message>
    <message numerus="yes">
        <source>%n medium(s)</source>
        <translation>
            <numerusform>介质 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MediumPage</name>
    <message>
        <source>Choose a medium to see its label and where it has been.</source>
        <translation>选择一个介质，查看其标签和行程。</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标签密级</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>密级标志</translation>
    </message>
    <message>
        <source>Effective level</source>
        <translation>实际密级</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>Offered to</source>
        <translation>接收人</translation>
    </message>
    <message>
        <source>Due back</source>
        <translation>归还期限</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Expires</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>标识</translation>
    </message>
    <message>
        <source>&amp;Accept it</source>
        <translation>签收(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Decline…</source>
        <translation>否决(&amp;D)…</translation>
    </message>
    <message>
        <source>It is offered to you. Whoever accepts it answers for it.</source>
        <translation>此介质移交给您，签收后由您负责。</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>否决</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>事由？</translation>
    </message>
    <message>
        <source>Next &amp;step</source>
        <translation>办理(&amp;S)</translation>
    </message>
    <message>
        <source>Dis&amp;pose of it…</source>
        <translation>处置(&amp;P)…</translation>
    </message>
    <message>
        <source>Its life so far</source>
        <translation>办理记录</translation>
    </message>
    <message>
        <source>Its marks</source>
        <translation>历次密级标志</translation>
    </message>
    <message>
        <source>Where it has been</source>
        <translation>行程</translation>
    </message>
</context>
<context>
    <name>MineWindow</name>
    <message>
        <source>&amp;Plugged in</source>
        <translation>已插入(&amp;P)</translation>
    </message>
    <message>
        <source>You hold no registered medium. Plug one in and ask for it.</source>
        <translation>您名下没有已登记的介质。请插入介质并提出申请。</translation>
    </message>
    <message>
        <source>Enter or double click: where it has been</source>
        <translation>回车或双击：查看行程</translation>
    </message>
    <message>
        <source>My &amp;media</source>
        <translation>我的介质(&amp;M)</translation>
    </message>
    <message>
        <source>You have asked for nothing yet.</source>
        <translation>您还没有提出申请。</translation>
    </message>
    <message>
        <source>My &amp;requests</source>
        <translation>我的申请(&amp;R)</translation>
    </message>
    <message>
        <source>No USB medium is plugged in.</source>
        <translation>没有插入 USB 介质。</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>密级</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>offered to you</source>
        <translation>待您签收</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>over since {0}: return it</source>
        <translation>已于 {0} 到期，请交还</translation>
    </message>
    <message>
        <source>inspection overdue since {0}</source>
        <translation>检查已逾期（{0}）</translation>
    </message>
    <message>
        <source>inspection by {0}</source>
        <translation>{0} 前检查</translation>
    </message>
    <message>
        <source>return by {0}</source>
        <translation>{0} 前交还</translation>
    </message>
    <message numerus="yes">
        <source>, in %n day(s)</source>
        <translation>
            <numerusform>，还有 %n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>Filed</source>
        <translation>申请时间</translation>
    </message>
    <message>
        <source>Purpose</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Decided by</source>
        <translation>审批人</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>说明</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>this USB medium</source>
        <translation>此 USB 介质</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>{0}: you can copy from it</source>
        <translation>{0}：可以拷出</translation>
    </message>
    <message>
        <source>You can copy from this stick; nothing can be written to it.</source>
        <translation>可以从此 U 盘拷出文件，不能写入。</translation>
    </message>
    <message>
        <source>Safe removal</source>
        <translation>安全移除</translation>
    </message>
    <message>
        <source>{0} carries files nobody declared</source>
        <translation>{0} 上有未申报的文件</translation>
    </message>
    <message>
        <source>{0}: look at its files</source>
        <translation>{0}：请留意其中的文件</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>{0} was used elsewhere</source>
        <translation>{0} 在别处使用过</translation>
    </message>
    <message>
        <source>{0} opens for now</source>
        <translation>{0} 目前可以使用</translation>
    </message>
    <message>
        <source>{0}: your request waits</source>
        <translation>{0}：申请待审批</translation>
    </message>
    <message>
        <source>An admin decides. Leave it plugged in; it opens by itself.</source>
        <translation>由管理员审批。请保持插入，批准后自动放行。</translation>
    </message>
    <message>
        <source>{0}: your request was turned down</source>
        <translation>{0}：申请被驳回</translation>
    </message>
    <message>
        <source>{0} waits</source>
        <translation>{0} 等待中</translation>
    </message>
    <message>
        <source>Click to see why and what to do.</source>
        <translation>点击查看原因和处理办法。</translation>
    </message>
    <message>
        <source>What to do: {0}</source>
        <translation>请这样做：{0}</translation>
    </message>
    <message>
        <source>By: {0}</source>
        <translation>依据：{0}</translation>
    </message>
    <message>
        <source>There is one more reason.</source>
        <translation>另有一条理由。</translation>
    </message>
    <message>
        <source>There are {0} more reasons.</source>
        <translation>另有 {0} 条理由。</translation>
    </message>
    <message>
        <source>Ask for it…</source>
        <translation>申请使用…</translation>
    </message>
    <message>
        <source>{0} was refused</source>
        <translation>{0} 被拒绝</translation>
    </message>
</context>
<context>
    <name>OrdersPage</name>
    <message>
        <source>What</source>
        <translation>事项</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>To level</source>
        <translation>降至</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Proposed by</source>
        <translation>提出人</translation>
    </message>
    <message>
        <source>Confirmed by</source>
        <translation>确认人</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>有效期至</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>理由</translation>
    </message>
    <message>
        <source>Orders</source>
        <translation>双人事项</translation>
    </message>
    <message>
        <source>Clearing, destroying and lowering a level take two people: whoever proposed it cannot confirm it.</source>
        <translation>清除、销毁和降低密级须由双人事项：提出人不得自己确认。</translation>
    </message>
    <message>
        <source>&amp;Confirm</source>
        <translation>确认(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Decline…</source>
        <translation>否决(&amp;D)…</translation>
    </message>
    <message>
        <source>C&amp;lear it…</source>
        <translation>清除(&amp;L)…</translation>
    </message>
    <message>
        <source>Plug it in at this computer to clear it.</source>
        <translation>请在本机接入该介质后再清除。</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>否决</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>事由？</translation>
    </message>
</context>
<context>
    <name>Passphrase</name>
    <message>
        <source>Issuer key</source>
        <translation>签发密钥</translation>
    </message>
</context>
<context>
    <name>PlayPanel</name>
    <message>
        <source>Simulated USB ports</source>
        <translation>模拟 USB 接口</translation>
    </message>
    <message>
        <source>Alice, who works here</source>
        <translation>员工 Alice</translation>
    </message>
    <message>
        <source>the admin</source>
        <translation>管理员</translation>
    </message>
    <message>
        <source>the auditor</source>
        <translation>审计员</translation>
    </message>
    <message>
        <source>&amp;Plug in</source>
        <translation>插入(&amp;P)</translation>
    </message>
    <message>
        <source>Pull &amp;out</source>
        <translation>拔出(&amp;O)</translation>
    </message>
    <message>
        <source>S&amp;tick</source>
        <translation>U 盘(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Swap for the next</source>
        <translation>换下一个(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Console</source>
        <translation>控制台(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;You are</source>
        <translation>当前身份(&amp;Y)</translation>
    </message>
    <message>
        <source>Plug in a new stick, ask for it, become the admin, approve it in the console, pull it out, plug it in.</source>
        <translation>插入新 U 盘，提出申请，切换为管理员，在控制台批准，拔出后再插入。</translation>
    </message>
</context>
<context>
    <name>PluggedCard</name>
    <message>
        <source>Your request waits for an admin. Until then it opens because the guard only observes.</source>
        <translation>申请正等待管理员审批。目前为试运行，介质仍可使用。</translation>
    </message>
    <message>
        <source>Your request waits for an admin. Leave the medium plugged in; it opens by itself.</source>
        <translation>申请等待管理员审批。请保持插入，批准后自动放行。</translation>
    </message>
    <message>
        <source>Your request was turned down: {0}</source>
        <translation>申请被驳回：{0}</translation>
    </message>
    <message>
        <source>You can copy from this stick; nothing can be written to it.</source>
        <translation>可以从此 U 盘拷出文件，不能写入。</translation>
    </message>
    <message>
        <source>What to do: {0}</source>
        <translation>请这样做：{0}</translation>
    </message>
    <message>
        <source>By: {0}</source>
        <translation>依据：{0}</translation>
    </message>
    <message>
        <source>Ask for it…</source>
        <translation>申请使用…</translation>
    </message>
    <message>
        <source>Safe removal</source>
        <translation>安全移除</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>原因</translation>
    </message>
</context>
<context>
    <name>ProposeDialog</name>
    <message>
        <source>To &amp;level</source>
        <translation>降为(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;From now on</source>
        <translation>自即日起(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Why</source>
        <translation>原因(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Approved by</source>
        <translation>批准人(&amp;A)</translation>
    </message>
    <message>
        <source>F&amp;orm number</source>
        <translation>表单编号(&amp;O)</translation>
    </message>
    <message>
        <source>Another admin confirms it, on the page “Two people”.</source>
        <translation>须由另一名管理员在“双人事项”页确认。</translation>
    </message>
</context>
<context>
    <name>Reminding</name>
    <message numerus="yes">
        <source>There are %n more; see “My media”.</source>
        <translation>
            <numerusform>还有 %n 项，见“我的介质”。</numerusform>
        </translation>
    </message>
    <message>
        <source>About the media that you hold</source>
        <translation>关于您持有的介质</translation>
    </message>
    <message>
        <source>My media</source>
        <translation>我的介质</translation>
    </message>
</context>
<context>
    <name>RequestDialog</name>
    <message>
        <source>Ask for a medium</source>
        <translation>申请使用介质</translation>
    </message>
    <message>
        <source>For example: slides for Monday&apos;s meeting</source>
        <translation>例如：周一会议的幻灯片</translation>
    </message>
    <message>
        <source>&amp;What do you need it for?</source>
        <translation>用途说明(&amp;W)</translation>
    </message>
    <message>
        <source>Who &amp;holds it?</source>
        <translation>持有人(&amp;H)</translation>
    </message>
    <message>
        <source>Suggested &amp;level</source>
        <translation>建议密级(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Network</source>
        <translation>网络(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Term</source>
        <translation>期限(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Kind</source>
        <translation>用途类别(&amp;K)</translation>
    </message>
    <message>
        <source>Send request</source>
        <translation>提交申请</translation>
    </message>
    <message>
        <source>An admin decides. Leave the medium plugged in: once approved it opens by itself.</source>
        <translation>由管理员审批。请保持插入，批准后自动放行。</translation>
    </message>
    <message numerus="yes">
        <source>The purpose is too long: at most %n characters.</source>
        <translation>
            <numerusform>用途说明过长：最多 %n 个字。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RequestsPage</name>
    <message>
        <source>Filed</source>
        <translation>申请时间</translation>
    </message>
    <message>
        <source>Requester</source>
        <translation>申请人</translation>
    </message>
    <message>
        <source>Purpose</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>申请</translation>
    </message>
    <message numerus="yes">
        <source>%n request(s) wait for a decision.</source>
        <translation>
            <numerusform>有 %n 份申请待审批。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing waits. Requests appear here when somebody asks for a medium.</source>
        <translation>没有待审批的申请。有人申请使用介质时会显示在这里。</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>Suggested level</source>
        <translation>建议密级</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Term</source>
        <translation>期限</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>申请</translation>
    </message>
    <message>
        <source>{0} by {1}</source>
        <translation>{0}，审批人：{1}</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>By: {0}</source>
        <translation>依据：{0}</translation>
    </message>
    <message>
        <source>It is plugged in now.</source>
        <translation>现已插入。</translation>
    </message>
    <message>
        <source>It is not plugged in any more: it cannot be approved now.</source>
        <translation>介质已拔出，现在不能批准。</translation>
    </message>
    <message>
        <source>Where it has been</source>
        <translation>行程</translation>
    </message>
    <message>
        <source>&amp;Approve</source>
        <translation>批准(&amp;A)</translation>
    </message>
    <message>
        <source>Let in &amp;once, read only</source>
        <translation>仅本次只读放行(&amp;O)</translation>
    </message>
    <message>
        <source>Turn &amp;down…</source>
        <translation>驳回(&amp;D)…</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>审批</translation>
    </message>
    <message>
        <source>Turn down</source>
        <translation>驳回</translation>
    </message>
    <message>
        <source>Why? {0} will read this.</source>
        <translation>请说明理由，{0} 会看到。</translation>
    </message>
</context>
<context>
    <name>ReviewsPage</name>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>标志</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>责任人</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>届满</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Under way</source>
        <translation>办理中</translation>
    </message>
    <message>
        <source>Reviews</source>
        <translation>到期审查</translation>
    </message>
    <message>
        <source>&amp;Release…</source>
        <translation>解密(&amp;R)…</translation>
    </message>
    <message>
        <source>&amp;Extend…</source>
        <translation>延长(&amp;E)…</translation>
    </message>
    <message>
        <source>released to {0}</source>
        <translation>已批准降为{0}</translation>
    </message>
    <message>
        <source>Nothing is released by itself: two people look at each medium when its term is over.</source>
        <translation>期满不自动解密：每个介质期满后须由两人审查。</translation>
    </message>
    <message>
        <source>Register it at its lower level and erase it, to carry out what was decided.</source>
        <translation>请按新的较低密级重新登记并擦除，以执行该决定。</translation>
    </message>
    <message>
        <source>It has held something higher or of another kind, so the end of its own term does not release it.</source>
        <translation>它存储过更高密级或其他类别的信息，自身期满不能解密。</translation>
    </message>
    <message>
        <source>Look at what is on it before you propose anything.</source>
        <translation>请先查看其中内容再提出处理。</translation>
    </message>
</context>
<context>
    <name>Sieve</name>
    <message>
        <source>all of the time</source>
        <translation>全部时间</translation>
    </message>
    <message>
        <source>the last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>the last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>this month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>last month</source>
        <translation>上月</translation>
    </message>
    <message>
        <source>this year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>from … to …</source>
        <translation>自定义起止</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>期间</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>第一天</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>最后一天</translation>
    </message>
    <message>
        <source>all directions</source>
        <translation>全部方向</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>方向</translation>
    </message>
    <message>
        <source>any severity</source>
        <translation>任何程度</translation>
    </message>
    <message>
        <source>Severity</source>
        <translation>程度</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来自</translation>
    </message>
    <message>
        <source>from any network</source>
        <translation>来自任何网络</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到达</translation>
    </message>
    <message>
        <source>to any network</source>
        <translation>去往任何网络</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>介质</translation>
    </message>
    <message>
        <source>all media</source>
        <translation>全部介质</translation>
    </message>
    <message>
        <source>Holder</source>
        <translation>持有人</translation>
    </message>
    <message>
        <source>all holders</source>
        <translation>全部持有人</translation>
    </message>
</context>
<context>
    <name>Standing</name>
    <message>
        <source>The guard is not running. USB sticks stay shut; keyboard and mouse work. Tell your admin if this stays.</source>
        <translation>防护程序未运行，U 盘一律不放行，键盘鼠标可用。如持续如此请告知管理员。</translation>
    </message>
    <message>
        <source>This computer is not set up yet. Ask your admin to run: mediaguardctl init</source>
        <translation>本机尚未设置，请管理员运行：mediaguardctl init</translation>
    </message>
    <message>
        <source>Something is wrong with the guard.</source>
        <translation>防护程序出现异常。</translation>
    </message>
    <message>
        <source>A medium was refused. Click to see why and what to do.</source>
        <translation>有介质被拒绝，点击查看原因和处理办法。</translation>
    </message>
    <message>
        <source>One request waits for a decision.</source>
        <translation>有一份申请待审批。</translation>
    </message>
    <message>
        <source>{0} requests wait for a decision.</source>
        <translation>有 {0} 份申请待审批。</translation>
    </message>
    <message>
        <source>Protected. USB media are checked before they open.</source>
        <translation>防护中。USB 介质经检查后才放行。</translation>
    </message>
</context>
<context>
    <name>StepDialog</name>
    <message>
        <source> days</source>
        <translation> 天</translation>
    </message>
    <message>
        <source>&amp;To whom</source>
        <translation>交给(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Department</source>
        <translation>部门(&amp;D)</translation>
    </message>
    <message>
        <source>D&amp;ue back in</source>
        <translation>归还期限(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Why</source>
        <translation>事由(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Approved by</source>
        <translation>批准人(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Form number</source>
        <translation>单据号(&amp;F)</translation>
    </message>
    <message>
        <source>Until the receiver accepts it, nobody can use this medium.</source>
        <translation>接收人签收之前，任何人都不能使用此介质。</translation>
    </message>
</context>
<context>
    <name>TermBox</name>
    <message numerus="yes">
        <source>%n year(s), the longest for this level</source>
        <translation>
            <numerusform>%n 年（该密级最长期限）</numerusform>
        </translation>
    </message>
    <message>
        <source>no end</source>
        <translation>长期</translation>
    </message>
    <message numerus="yes">
        <source>%n year(s)</source>
        <translation>
            <numerusform>%n 年</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n 天</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Where it has been</source>
        <translation>行程</translation>
    </message>
    <message>
        <source>nowhere yet</source>
        <translation>尚无行程</translation>
    </message>
    <message>
        <source>another computer</source>
        <translation>其他计算机</translation>
    </message>
    <message>
        <source>just pulled out</source>
        <translation>直接拔出</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Safely remove {0}</source>
        <translation>安全移除 {0}</translation>
    </message>
    <message>
        <source>My media and requests</source>
        <translation>我的介质和申请</translation>
    </message>
    <message>
        <source>Console for admins and auditors</source>
        <translation>管理与审计控制台</translation>
    </message>
    <message>
        <source>Close this icon (the guard goes on)</source>
        <translation>关闭此图标（防护继续运行）</translation>
    </message>
</context>
<context>
    <name>WeekPage</name>
    <message>
        <source>&amp;Save as PDF…</source>
        <translation>另存为 PDF(&amp;S)…</translation>
    </message>
    <message>
        <source>Plugged in: {0} times, {1} registered media</source>
        <translation>接入：{0} 次，涉及已登记介质 {1} 件</translation>
    </message>
    <message>
        <source>By: {0}</source>
        <translation>依据：{0}</translation>
    </message>
    <message>
        <source>Refused: {0}</source>
        <translation>拒绝：{0} 次</translation>
    </message>
    <message>
        <source>Incidents: {0}</source>
        <translation>事件（报警）：{0} 起</translation>
    </message>
    <message>
        <source>Crossings: {0}</source>
        <translation>跨网：{0} 次</translation>
    </message>
    <message>
        <source>Requests that wait: {0}</source>
        <translation>待审批申请：{0} 件</translation>
    </message>
    <message>
        <source>Running inventories: {0}</source>
        <translation>进行中的清查：{0} 项</translation>
    </message>
    <message>
        <source>loan ended on {0}</source>
        <translation>借用于 {0} 到期</translation>
    </message>
    <message>
        <source>inspection was due on {0}</source>
        <translation>应于 {0} 前清查</translation>
    </message>
    <message>
        <source>term ended on {0}</source>
        <translation>保密期限于 {0} 届满</translation>
    </message>
    <message>
        <source>Overdue media: {0}</source>
        <translation>逾期介质：{0} 件</translation>
    </message>
    <message>
        <source>{0}, overdue since {1}: {2} of {3} seen, {4} missing</source>
        <translation>{0}，{1} 已逾期：已查 {2} / 应查 {3} 件，未查 {4} 件</translation>
    </message>
    <message>
        <source>{0}, until {1}: {2} of {3} seen, {4} missing</source>
        <translation>{0}，截止 {1}：已查 {2} / 应查 {3} 件，未查 {4} 件</translation>
    </message>
    <message>
        <source>{0}: {1} of {2} missing</source>
        <translation>{0}：未查 {1} / 应查 {2} 件</translation>
    </message>
    <message>
        <source>without a department</source>
        <translation>未填部门</translation>
    </message>
    <message>
        <source>Save as PDF</source>
        <translation>另存为 PDF</translation>
    </message>
</context>
<context>
    <name>WhyDialog</name>
    <message>
        <source>Why?</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Asking the guard…</source>
        <translation>正在查询…</translation>
    </message>
    <message>
        <source>&amp;Files…</source>
        <translation>文件(&amp;F)…</translation>
    </message>
    <message>
        <source>What to do: {0}</source>
        <translation>请这样做：{0}</translation>
    </message>
    <message>
        <source>By: {0}</source>
        <translation>依据：{0}</translation>
    </message>
    <message>
        <source>Rule: {0}</source>
        <translation>规则：{0}</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>read and write</source>
        <translation>读写</translation>
    </message>
    <message>
        <source>read only</source>
        <translation>只读</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>opened, only observing</source>
        <translation>已放行（试运行）</translation>
    </message>
    <message>
        <source>just plugged in</source>
        <translation>刚插入</translation>
    </message>
    <message>
        <source>being checked</source>
        <translation>检查中</translation>
    </message>
    <message>
        <source>waiting for a decision</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>已批准</translation>
    </message>
    <message>
        <source>turned down</source>
        <translation>已驳回</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>已失效</translation>
    </message>
    <message>
        <source>acquired</source>
        <translation>已购置</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>在用</translation>
    </message>
    <message>
        <source>issued</source>
        <translation>已配发</translation>
    </message>
    <message>
        <source>lent</source>
        <translation>借出</translation>
    </message>
    <message>
        <source>being handed over</source>
        <translation>移交中</translation>
    </message>
    <message>
        <source>under repair</source>
        <translation>维修中</translation>
    </message>
    <message>
        <source>given back</source>
        <translation>已收回</translation>
    </message>
    <message>
        <source>withdrawn</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>丢失</translation>
    </message>
    <message>
        <source>cleared</source>
        <translation>已清除</translation>
    </message>
    <message>
        <source>destroyed</source>
        <translation>已销毁</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已归档</translation>
    </message>
    <message>
        <source>here</source>
        <translation>在岗</translation>
    </message>
    <message>
        <source>leaving</source>
        <translation>办理离岗</translation>
    </message>
    <message>
        <source>has left</source>
        <translation>已离岗</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>已结束</translation>
    </message>
    <message>
        <source>called off</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>ends soon</source>
        <translation>即将届满</translation>
    </message>
    <message>
        <source>is over</source>
        <translation>已届满</translation>
    </message>
    <message>
        <source>has a condition</source>
        <translation>附条件</translation>
    </message>
    <message>
        <source>waits for a second person</source>
        <translation>等待第二人确认</translation>
    </message>
    <message>
        <source>confirmed</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>declined</source>
        <translation>已否决</translation>
    </message>
    <message>
        <source>carried out</source>
        <translation>已办结</translation>
    </message>
    <message>
        <source>Registered</source>
        <translation>登记</translation>
    </message>
    <message>
        <source>New label</source>
        <translation>换发标签</translation>
    </message>
    <message>
        <source>Issue</source>
        <translation>配发</translation>
    </message>
    <message>
        <source>Lend</source>
        <translation>借出</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>收回</translation>
    </message>
    <message>
        <source>Put in stock</source>
        <translation>入库</translation>
    </message>
    <message>
        <source>Hand over</source>
        <translation>移交</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>签收</translation>
    </message>
    <message>
        <source>Declined</source>
        <translation>拒收</translation>
    </message>
    <message>
        <source>Send to repair</source>
        <translation>送修</translation>
    </message>
    <message>
        <source>Back from repair</source>
        <translation>维修收回</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Restore to use</source>
        <translation>恢复使用</translation>
    </message>
    <message>
        <source>Report lost</source>
        <translation>报失</translation>
    </message>
    <message>
        <source>Found again</source>
        <translation>找回</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除信息</translation>
    </message>
    <message>
        <source>Destroy</source>
        <translation>销毁</translation>
    </message>
    <message>
        <source>Close the papers</source>
        <translation>归档</translation>
    </message>
    <message>
        <source>Taken over</source>
        <translation>接收登记</translation>
    </message>
    <message>
        <source>Lower the level</source>
        <translation>降低密级</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>解密</translation>
    </message>
    <message>
        <source>Extend the term</source>
        <translation>延长期限</translation>
    </message>
    <message>
        <source>the medium was pulled out; plug it in and ask again</source>
        <translation>介质已拔出，请重新插入后再申请</translation>
    </message>
    <message>
        <source>work</source>
        <translation>工作</translation>
    </message>
    <message>
        <source>personal</source>
        <translation>个人</translation>
    </message>
    <message>
        <source>up</source>
        <translation>向上</translation>
    </message>
    <message>
        <source>down</source>
        <translation>向下</translation>
    </message>
    <message>
        <source>same level</source>
        <translation>同级</translation>
    </message>
    <message>
        <source>seen here</source>
        <translation>本机所见</translation>
    </message>
    <message>
        <source>told by the medium</source>
        <translation>介质自述</translation>
    </message>
    <message>
        <source>plugged in</source>
        <translation>插入</translation>
    </message>
    <message>
        <source>decided, not yet done</source>
        <translation>已裁决，未执行</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已执行</translation>
    </message>
    <message>
        <source>removed safely</source>
        <translation>安全移除</translation>
    </message>
    <message>
        <source>fingerprint taken</source>
        <translation>已取指纹</translation>
    </message>
    <message>
        <source>level of a medium rose</source>
        <translation>介质密级升高</translation>
    </message>
    <message>
        <source>pulled out</source>
        <translation>拔出</translation>
    </message>
    <message>
        <source>cut short</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>crossing seen</source>
        <translation>发现跨网</translation>
    </message>
    <message>
        <source>files listed</source>
        <translation>已列出文件</translation>
    </message>
    <message>
        <source>medium registered</source>
        <translation>介质已登记</translation>
    </message>
    <message>
        <source>date, term or condition changed</source>
        <translation>定密日期、期限或条件变更</translation>
    </message>
    <message>
        <source>inventory began</source>
        <translation>清查开始</translation>
    </message>
    <message>
        <source>inventory ended</source>
        <translation>清查结束</translation>
    </message>
    <message>
        <source>counted in an inventory</source>
        <translation>清查中已清点</translation>
    </message>
    <message>
        <source>observing began</source>
        <translation>试运行开始</translation>
    </message>
    <message>
        <source>observing ended</source>
        <translation>试运行结束</translation>
    </message>
    <message>
        <source>came in</source>
        <translation>带入</translation>
    </message>
    <message>
        <source>went out</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>appeared while away</source>
        <translation>离开期间多出</translation>
    </message>
    <message>
        <source>altered while away</source>
        <translation>离开期间被改动</translation>
    </message>
    <message>
        <source>vanished while away</source>
        <translation>离开期间消失</translation>
    </message>
    <message>
        <source>other than last seen</source>
        <translation>与上次所见不同</translation>
    </message>
    <message>
        <source>is there</source>
        <translation>存在</translation>
    </message>
    <message>
        <source>disguised</source>
        <translation>伪装</translation>
    </message>
    <message>
        <source>odd name</source>
        <translation>名称可疑</translation>
    </message>
    <message>
        <source>starts by itself</source>
        <translation>自动运行</translation>
    </message>
    <message>
        <source>shortcut</source>
        <translation>快捷方式</translation>
    </message>
    <message>
        <source>hidden folder</source>
        <translation>隐藏文件夹</translation>
    </message>
    <message>
        <source>program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>made by a system</source>
        <translation>系统自动生成</translation>
    </message>
    <message>
        <source>{0} files, {1}. In this visit {2} came, {3} went, {4} changed.</source>
        <translation>{0} 个文件，{1}。本次接入带入 {2} 个，移除 {3} 个，修改 {4} 个。</translation>
    </message>
    <message>
        <source>Undeclared since it left here: {0}.</source>
        <translation>离开本机后未申报的变化：{0} 个。</translation>
    </message>
    <message>
        <source>Other than last seen, and nobody saw how it left: {0}.</source>
        <translation>与上次所见不同、且离开情况无记录：{0} 个。</translation>
    </message>
    <message>
        <source>Not everything could be read.</source>
        <translation>没有全部读到。</translation>
    </message>
    <message>
        <source>How it leaves is known after a safe removal only.</source>
        <translation>只有安全移除后才知道离开时的情况。</translation>
    </message>
    <message>
        <source>asked for</source>
        <translation>提出申请</translation>
    </message>
    <message>
        <source>request decided</source>
        <translation>申请审批</translation>
    </message>
    <message>
        <source>label being written</source>
        <translation>正在写标签</translation>
    </message>
    <message>
        <source>step in the life of a medium</source>
        <translation>介质流转</translation>
    </message>
    <message>
        <source>holder entered</source>
        <translation>登记持有人</translation>
    </message>
    <message>
        <source>clearance set</source>
        <translation>设定涉密等级</translation>
    </message>
    <message>
        <source>holder leaves or stays</source>
        <translation>离岗或留任</translation>
    </message>
    <message>
        <source>order proposed</source>
        <translation>提出双人事项</translation>
    </message>
    <message>
        <source>order confirmed or declined</source>
        <translation>双人事项确认或否决</translation>
    </message>
    <message>
        <source>clearing begun</source>
        <translation>开始清除</translation>
    </message>
    <message>
        <source>medium cleared</source>
        <translation>介质已清除</translation>
    </message>
    <message>
        <source>older list taken over</source>
        <translation>导入旧清单</translation>
    </message>
    <message>
        <source>register restored</source>
        <translation>恢复台账</translation>
    </message>
    <message>
        <source>state of a medium</source>
        <translation>介质状态变更</translation>
    </message>
    <message>
        <source>guard started</source>
        <translation>防护启动</translation>
    </message>
    <message>
        <source>guard mended</source>
        <translation>防护恢复</translation>
    </message>
    <message>
        <source>system disk left alone</source>
        <translation>系统盘未处理</translation>
    </message>
    <message>
        <source>clock called right by root</source>
        <translation>root 确认时钟正确</translation>
    </message>
    <message>
        <source>report made</source>
        <translation>生成报告</translation>
    </message>
    <message>
        <source>maintenance began</source>
        <translation>维护开始</translation>
    </message>
    <message>
        <source>maintenance ended</source>
        <translation>维护结束</translation>
    </message>
    <message>
        <source>journal damaged</source>
        <translation>审计日志受损</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>一般</translation>
    </message>
    <message>
        <source>notice</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>alarm</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>no partition table</source>
        <translation>没有分区表</translation>
    </message>
    <message>
        <source>{0}, no partition</source>
        <translation>{0}，没有分区</translation>
    </message>
    <message>
        <source>{0}, partitions: {1}, the first at {2} MiB</source>
        <translation>{0}，{1} 个分区，首个位于 {2} MiB</translation>
    </message>
    <message>
        <source>no name</source>
        <translation>无名称</translation>
    </message>
    <message>
        <source>serial {0}</source>
        <translation>序列号 {0}</translation>
    </message>
</context>
</TS>
