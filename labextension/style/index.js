import './base.css';
import './card.css';
import './result.css';
import './file.css';
